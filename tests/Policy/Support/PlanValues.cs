using System.Collections;
using System.Reflection;

namespace Pavise.Policy.Tests.Support;

/// <summary>Every text and number within a plan, with its path, by reflection: a member that is added later is seen too.</summary>
internal static class PlanValues
{
    public static IEnumerable<(string Path, object Value)> Of(object? value, string path = "")
    {
        switch (value)
        {
            case null:
                yield break;
            case string or bool or Enum:
                yield return (path, value);
                yield break;
            case sbyte or byte or short or ushort or int or uint or long or ulong:
                yield return (path, Convert.ToDecimal(value));
                yield break;
            case IEnumerable list:
                int index = 0;
                foreach (object? item in list)
                {
                    foreach ((string, object) inner in Of(item, $"{path}[{index}]"))
                    {
                        yield return inner;
                    }

                    index++;
                }

                yield break;
        }

        // Only what an executor can see: public properties.
        foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0 && p.Name != "EqualityContract"))
        {
            foreach ((string, object) inner in Of(property.GetValue(value), path.Length == 0 ? property.Name : $"{path}.{property.Name}"))
            {
                yield return inner;
            }
        }
    }
}
