using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Api;

public static class ApiCalls
{
    /// <summary>
    /// The same on another thread, and given up when it is cancelled: whoever looks at a file may hang for as long as the
    /// file's server is away, and no token ends that. It must hold up neither the one who asks nor the next question.
    /// </summary>
    public static ApiCall Apart(this ApiCall api) =>
        (request, cancellation) =>
            Task.Run(() => api(request, cancellation), cancellation).WaitAsync(cancellation);
}
