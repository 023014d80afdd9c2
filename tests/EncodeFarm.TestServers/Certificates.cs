namespace EncodeFarm.TestServers;

/// <summary>An authority and a certificate for localhost, for a broker with TLS.</summary>
static class Certificates
{
    public static string Authority(string directory) => Path.Combine(directory, "authority.pem");

    public static string Server(string directory) => Path.Combine(directory, "server.pem");

    public static string ServerKey(string directory) => Path.Combine(directory, "server.key");

    public static void Write(string directory)
    {
        using var authority = new TestAuthority(directory, "authority");
        authority.Issue("server");
    }
}
