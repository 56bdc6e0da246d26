using Pavise.Policy;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Images;

/// <summary>Root images that the host plugged and the guest opened by their root hash.</summary>
internal interface IRootImages
{
    /// <summary>Opens the image at a slot. Its content is verified against the root hash, at once or block by block when read.</summary>
    Task AttachAsync(AttachImagePlan plan, CancellationToken cancellation);

    /// <summary>Where an opened image is mounted, read-only.</summary>
    /// <exception cref="KeyNotFoundException">No such image was opened.</exception>
    string PathOf(RootHash root);
}
