namespace Pavise.Host.Vsock.VhostUser;

/// <summary>Requests of the vhost-user protocol that this back end answers (QEMU, docs/interop/vhost-user.rst, "Front-end message types").</summary>
internal enum VhostRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    ResetOwner = 4,
    SetMemTable = 5,
    SetVringNum = 8,
    SetVringAddr = 9,
    SetVringBase = 10,
    GetVringBase = 11,
    SetVringKick = 12,
    SetVringCall = 13,
    SetVringErr = 14,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    SetVringEnable = 18,
    GetConfig = 24,
}
