-- SPDX-License-Identifier: MIT
--
-- wrk.lua - what wrk sends, and one line of what it saw:
--	requests  duration in us  errors  p50 in us  p99 in us
-- The argument is how many requests go out in one piece.

function init(args)
	local depth = tonumber(args[1]) or 1
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
