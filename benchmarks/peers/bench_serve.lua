-- Requests of bench_serve.py for wrk: a text of the corpus each, in its order. BODIES names a file with a body a line.
local requests = {}
local next = 0

function init()
    for line in io.lines(os.getenv("BODIES")) do
        requests[#requests + 1] = wrk.format("POST", "/embed", {["Content-Type"] = "application/json"}, line)
    end
end

function request()
    next = next % #requests + 1
    return requests[next]
end

function done(summary, latency)
    local failed = summary.errors
    io.write(string.format(
        '{"answers": %d, "seconds": %.3f, "p50_ms": %.1f, "p99_ms": %.1f, "refused": %d, "lost": %d}\n',
        summary.requests - failed.status, summary.duration / 1e6, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
