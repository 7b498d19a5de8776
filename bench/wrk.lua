-- SPDX-License-Identifier: MIT
--
-- wrk.lua - what wrk sends, and one line of what it saw:
--	requests  duration in us  errors  p50 in us  p99 in us
-- The arguments are how many requests go out in one piece, and how many bytes are posted.

function init(args)
	local depth, bytes = tonumber(args[1]) or 1, tonumber(args[2]) or 0
	if bytes > 0 then
		wrk.method = "POST"
		wrk.headers["Content-Type"] = "application/octet-stream"
		wrk.body = string.rep("x", bytes)
	end
	if depth > 1 then
		local piece = string.rep(wrk.format("GET"), depth)
		request = function() return piece end
	end
end

function done(summary, latency, requests)
	local e = summary.errors
	io.write(string.format("wrk %d %d %d %d %d\n", summary.requests, summary.duration,
		e.connect + e.read + e.write + e.status + e.timeout,
		latency:percentile(50), latency:percentile(99)))
end
