using System.Security.Cryptography.X509Certificates;

namespace EncodeFarm.Contracts;

/// <summary>What a certificate is for.</summary>
public static class CertificateNames
{
    /// <summary>Its host names and addresses for people: "farm.example, 10.0.0.1".</summary>
    public static string Of(X509Certificate2 certificate)
    {
        var names = certificate
            .Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names =>
                names
                    .EnumerateDnsNames()
                    .Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))
            )
            .ToList();
        return names.Count > 0 ? string.Join(", ", names) : "no host at all";
    }
}
