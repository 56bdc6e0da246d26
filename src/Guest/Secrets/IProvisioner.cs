namespace Pavise.Guest.Secrets;

/// <summary>Gets from the key broker what the policy lists. Nothing starts before it has everything.</summary>
internal interface IProvisioner
{
    /// <summary>What was released; waits for it, and tries again where an earlier attempt failed.</summary>
    /// <exception cref="ProvisioningException">It was not released.</exception>
    Task<ReleasedSecrets> GetAsync(CancellationToken cancellation);

    /// <summary>The orderly end: what the broker is told, it is told now. Never fails.</summary>
    /// <param name="cancellation">The time that there is.</param>
    Task EndAsync(CancellationToken cancellation);
}

/// <summary>The key broker did not release what the policy lists.</summary>
/// <param name="message">Why; of the broker's own words too, which the host does not hear by itself.</param>
/// <param name="inner">The cause.</param>
internal sealed class ProvisioningException(string message, Exception? inner = null) : Exception(message, inner);
