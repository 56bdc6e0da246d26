using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Host.Shim.Protos;

namespace Pavise.Host.Shim.Sandboxes;

/// <summary>The options that containerd passes on: those of a runtime that it does not know name our configuration file; runc's and others mean nothing here.</summary>
internal static class RuntimeOptions
{
    private const string OptionsType = "runtimeoptions.v1.Options";

    /// <summary>Path of the configuration file; null when the options name none.</summary>
    /// <exception cref="HostException">They are malformed.</exception>
    public static string? ConfigurationPath(Any? options)
    {
        if (options is null || Name(options) != OptionsType)
        {
            return null;
        }

        try
        {
            return Options.Parser.ParseFrom(options.Value) is { ConfigPath.Length: > 0 } parsed ? parsed.ConfigPath : null;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new HostException("the runtime options are malformed", e);
        }
    }

    /// <summary>The type's full name, with or without a host in front.</summary>
    private static string Name(Any any) => any.TypeUrl[(any.TypeUrl.LastIndexOf('/') + 1)..];
}
