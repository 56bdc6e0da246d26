using System.Globalization;

namespace Pavise.Owner.Policies.Generation;

/// <summary>Users and groups of an image: passwd(5) and group(5). Malformed lines are passed over, as the C library does.</summary>
internal sealed class UserTable
{
    private readonly List<(string Name, uint Uid, uint Gid)> users = [];
    private readonly List<(string Name, uint Gid, string[] Members)> groups = [];

    public UserTable(string passwd, string group)
    {
        foreach (string[] f in passwd.Split('\n').Select(l => l.TrimEnd('\r').Split(':')).Where(f => f.Length >= 4))
        {
            if (Number(f[2]) is { } uid && Number(f[3]) is { } gid)
            {
                users.Add((f[0], uid, gid));
            }
        }

        foreach (string[] f in group.Split('\n').Select(l => l.TrimEnd('\r').Split(':')).Where(f => f.Length >= 4))
        {
            if (Number(f[2]) is { } gid)
            {
                groups.Add((f[0], gid, f[3].Split(',', StringSplitOptions.RemoveEmptyEntries)));
            }
        }
    }

    /// <summary>
    /// Who <c>name[:group]</c> of an image is, as engines resolve it: a number that has no line keeps group 0; a name needs its line.
    /// </summary>
    /// <exception cref="OwnerException">A name that the image does not have.</exception>
    public UserFacts Resolve(string text, string image)
    {
        string[] parts = text.Split(':', 2);
        UserFacts user = parts[0].Length == 0 ? Of(0) : Number(parts[0]) is { } uid ? Of(uid)
            : users.FirstOrDefault(u => u.Name == parts[0]) is { Name: { } name } found ? new(found.Uid, found.Gid, GroupsOf(name))
            : throw new OwnerException($"image {image} runs as user '{parts[0]}', whom its /etc/passwd does not have", "give the numbers: runAsUser and runAsGroup, or --user UID:GID");
        if (parts.Length == 1)
        {
            return user;
        }

        uint gid = Number(parts[1]) ?? (groups.FirstOrDefault(g => g.Name == parts[1]) is { Name: not null } group ? group.Gid
            : throw new OwnerException($"image {image} runs as group '{parts[1]}', which its /etc/group does not have", "give the number: runAsGroup"));
        return user with { Gid = gid };
    }

    /// <summary>Who a number is.</summary>
    public UserFacts Of(uint uid) => users.FirstOrDefault(u => u.Uid == uid) is { Name: { } name } found ? new(uid, found.Gid, GroupsOf(name)) : new(uid, 0, []);

    private uint[] GroupsOf(string name) => [.. groups.Where(g => g.Members.Contains(name)).Select(g => g.Gid).Distinct().Order()];

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number < uint.MaxValue ? number : null;
}

/// <summary>A user in numbers.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Group id.</param>
/// <param name="Groups">Groups that list the user.</param>
internal sealed record UserFacts(uint Uid, uint Gid, uint[] Groups);
