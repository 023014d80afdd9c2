using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Api;

/// <summary>Makes a job of what a client asks for, or finds the one that it has asked for before.</summary>
public sealed class Submission(ICoordinator coordinator, ApiOptions options)
{
    /// <summary>A job that was cancelled, or whose output is gone, makes room for a further one of the same content.</summary>
    private const int MostGenerations = 100;

    private const int LongestKey = 200;

    private readonly BucketDestinations _buckets = new(
        NodeStores.Outputs(options.Configuration.Farm, options.Time, _ => { }, patient: false)
    );

    public async Task<(bool Created, string Id, VideoState State)> SubmitAsync(
        SubmitRequest request,
        CancellationToken cancellation
    )
    {
        RequireWellFormed(request);
        if (request.Key is { } key && await FindAsync(IdOf(key), cancellation) is { } known)
        {
            RequireSame(request, known);
            return (false, IdOf(key), known);
        }
        var described = Describe(request);
        var (spec, before, trace) = request.Key is { } chosen
            ? (described with { Id = IdOf(chosen) }, null, JobTrace.None)
            : await FreshOrGoingOnAsync(described, request.Overwrite, cancellation);
        if (before is { Finished: true, State: not JobState.Failed })
        {
            return (false, spec.Id, before);
        }
        JobPlan.RequireDestinations([spec], options.Configuration.Farm, _ => trace);
        await _buckets.RequireAsync([spec], _ => trace, cancellation);
        var answer = await coordinator.SubmitAsync(spec, cancellation);
        if (answer.Refusal is { } refusal)
        {
            throw Refusal.Conflict(refusal);
        }
        if (answer.Error is { } error)
        {
            throw Refusal.Unavailable(
                $"The job could not be recorded: {error}",
                "Ask again, with the same key."
            );
        }
        return (before is null, spec.Id, answer.State);
    }

    /// <summary>The same key gives the same id on every coordinator, also after a restart.</summary>
    private static string IdOf(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"client key\0{key}")))[
            ..16
        ];

    private static void RequireWellFormed(SubmitRequest request)
    {
        if (string.IsNullOrEmpty(request.Source))
        {
            throw Refusal.Usage("No source is given.", "Give an absolute path as \"source\".");
        }
        foreach (var path in new[] { request.Source, request.Output }.OfType<string>())
        {
            var inBucket = path == request.Output && S3Address.Is(path);
            if (path.Contains('\0') || !(inBucket || Path.IsPathRooted(path)))
            {
                throw Refusal.Usage(
                    $"'{path}' is not an absolute path.",
                    "The coordinator can't know the directory that it is meant from."
                );
            }
        }
        // The compiler believes that the words are there; whoever wrote the JSON may see it otherwise.
        if (request.Settings?.Contains(null!) == true)
        {
            throw Refusal.Usage(
                "A setting is null.",
                "Each is a text such as \"encoding.preset=8\"."
            );
        }
        Priorities.RequireInRange(request.Priority);
        if (request.Key is { Length: 0 or > LongestKey })
        {
            throw Refusal.Usage($"A key has 1 to {LongestKey} letters.");
        }
    }

    private static void RequireSame(SubmitRequest request, VideoState known)
    {
        var same =
            known.Spec?.Source.Path == Path.GetFullPath(request.Source)
            && (request.Profile is null || known.Spec.Profile.Name == request.Profile);
        if (!same)
        {
            throw Refusal.Conflict(
                $"The key '{request.Key}' belongs to another job: {known.Spec?.Source.Path} with the profile {known.Spec?.Profile.Name}.",
                "Choose another key."
            );
        }
    }

    private JobSpec Describe(SubmitRequest request)
    {
        var farm = options.Configuration.Farm;
        var source = Path.GetFullPath(request.Source);
        Roots.RequireSource(source, farm.SourceRoots);
        if (!File.Exists(source) && !Directory.Exists(source))
        {
            throw new Refusal(
                400,
                ProblemKind.BadInput,
                $"The coordinator '{coordinator.Self.Name}' does not see '{source}'.",
                farm.SourceRoots.Count == 0
                    ? "Check the name, and that the file lies where that machine can read it."
                    : $"It reads sources below {string.Join(", ", farm.SourceRoots)}."
            );
        }
        var entries = Entries(request);
        var profile = ProfileOf(request, entries);
        var input = FarmSchema
            .Settings.Where(setting => IsOfJobs(setting) && entries.ContainsKey(setting.Key))
            .Aggregate(farm, (all, setting) => setting.Apply(all, entries[setting.Key].Text));
        var job = JobPlan
            .Describe(
                [source],
                request.Output,
                profile,
                farm,
                new JobOptions(
                    AllowTruncated: input.AllowTruncated,
                    Pieces: options.NeedsPieces(source),
                    AllowDamaged: input.AllowDamaged
                ),
                request.Overwrite,
                "/"
            )
            .Single();
        return job with { Priority = request.Priority };
    }

    /// <summary>How a source is read is said for each job; all else of a farm is its machines' affair.</summary>
    private static bool IsOfJobs(FarmSetting setting) =>
        setting.Key.StartsWith("input.", StringComparison.Ordinal);

    /// <summary>The coordinator's configuration under the settings of the job.</summary>
    private Dictionary<string, SettingEntry> Entries(SubmitRequest request)
    {
        var entries = options.Configuration.Entries.ToDictionary(
            entry => entry.Key,
            // Whoever submits has not given the coordinator's flags: those that do not fit the profile are no mistake.
            entry =>
                entry.Value with
                {
                    Origin = entry.Value.Origin with { Layer = Layer.Environment },
                }
        );
        foreach (
            var entry in (request.Settings ?? []).Select(ConfigurationLoader.ParseFlag).ToList()
        )
        {
            if (Schema.Check(entry) is { } problem)
            {
                throw Refusal.Usage(problem.Sentence);
            }
            if (Schema.Find(entry.Key) is FarmSetting setting && !IsOfJobs(setting))
            {
                throw Refusal.Usage(
                    $"{entry.Key} is a setting of a machine, not of a job.",
                    "Set it in farm.yaml of the nodes."
                );
            }
            entries[entry.Key] = entry;
        }
        return entries;
    }

    private Profile ProfileOf(
        SubmitRequest request,
        IReadOnlyDictionary<string, SettingEntry> entries
    )
    {
        var name = request.Profile ?? options.Configuration.Farm.Profile;
        var isFile = name.Contains('/') || name.EndsWith(".yaml", StringComparison.Ordinal);
        if (isFile && request.Profile is not null)
        {
            throw Refusal.Usage(
                $"'{name}' is not the name of a profile.",
                $"There are {string.Join(", ", options.Configuration.Profiles.Names)}. Files of profiles belong in the coordinator's configuration."
            );
        }
        var (composed, problems) = ProfileComposer.Compose(
            options.Configuration.Profiles.Get(name),
            entries
        );
        Configuration.Problem.ThrowIfAny(problems);
        return composed.Profile;
    }

    /// <summary>Without a key a job is known by its content, as with <c>encode</c>.</summary>
    /// <param name="overwrite">A delivered job is made again.</param>
    private async Task<(JobSpec Spec, VideoState? Before, JobTrace Trace)> FreshOrGoingOnAsync(
        JobSpec spec,
        bool overwrite,
        CancellationToken cancellation
    )
    {
        var trace = JobTrace.None;
        for (var generation = 1; generation <= MostGenerations; generation++)
        {
            var id = generation == 1 ? spec.Id : $"{spec.Id}-{generation}";
            var state = await FindAsync(id, cancellation);
            if (state is null)
            {
                return (spec with { Id = id }, null, trace);
            }
            if (state.State == JobState.Completed && !overwrite)
            {
                trace = await DeliveredFiles.TraceAsync(
                    state,
                    _buckets,
                    options.Time,
                    cancellation
                );
            }
            var bygone =
                state.State == JobState.Cancelled
                || state.State == JobState.Completed && (overwrite || trace == JobTrace.Stale);
            if (!bygone)
            {
                return (spec with { Id = id }, state, JobTrace.Begun);
            }
        }
        throw Refusal.Conflict(
            $"'{spec.Source.Path}' was submitted {MostGenerations} times in this way.",
            "Give the job a key of its own."
        );
    }

    private async Task<VideoState?> FindAsync(string id, CancellationToken cancellation) =>
        await coordinator.FindAsync(id, cancellation) is { Spec: not null } state ? state : null;
}
