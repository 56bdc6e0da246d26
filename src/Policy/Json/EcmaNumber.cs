using System.Globalization;

namespace Pavise.Policy.Json;

/// <summary>Numbers as RFC 8785 section 3.2.2.3 writes them: ECMAScript's Number::toString.</summary>
public static class EcmaNumber
{
    /// <summary>The shortest text that reads back as the same double, laid out as ECMAScript does.</summary>
    public static string Format(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        // "E16" would round; "R" gives the shortest digits, in whichever layout: take digits and exponent from it.
        string round = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int e = round.IndexOf('E');
        string mantissa = e < 0 ? round : round[..e];
        int exponent = e < 0 ? 0 : int.Parse(round.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        int dot = mantissa.IndexOf('.');
        string digits = dot < 0 ? mantissa : mantissa.Remove(dot, 1);
        int point = (dot < 0 ? mantissa.Length : dot) + exponent;
        int leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits[leading..].TrimEnd('0');
        point -= leading;
        return (value < 0 ? "-" : "") + Layout(digits, point);
    }

    // digits d1…dk with the decimal point after `point` of them (ECMA-262, 6.1.6.1.20: k = length, n = point).
    private static string Layout(string digits, int point)
    {
        int k = digits.Length;
        return point switch
        {
            _ when k <= point && point <= 21 => digits.PadRight(point, '0'),
            > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => $"0.{new string('0', -point)}{digits}",
            _ => $"{digits[0]}{(k > 1 ? "." + digits[1..] : "")}e{(point - 1 < 0 ? "-" : "+")}{Math.Abs(point - 1)}",
        };
    }
}
