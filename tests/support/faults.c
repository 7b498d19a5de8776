/* SPDX-License-Identifier: MIT */
/*
 * faults.c - what foreign programs do wrong: the table.
 */
#include "support/faults.h"

#define CUT  (200 + FAULT_CUT)
#define BODY 1000000

/* The same from all, from both peers, or from one kind. */
#define ALL(query, status, log)                                                            \
	{ query, { status, status, status }, { log, log, log }, 0, 0 }
#define PEERS(query, status, log)   { query, { status, status }, { log, log }, 0, 0 }
#define FASTCGI(query, status, log) { query, { status }, { log }, 0, 0 }
#define CGI(query, status, log, errors)                                                    \
	{ query, { 0, 0, status }, { NULL, NULL, log }, errors, 0 }
#define DEAF(query, status, log)                                                           \
	{ query, { status, status, status }, { log, log, log }, 0, BODY }

const struct fault faults[] = {
	ALL("hello=10", 200, NULL),
	ALL("big_head=1000000", 502, "too many bytes"),
	ALL("fields=100000", 502, "too many"),
	ALL("length=1000000,500000", CUT, "shorter than its Content-Length"),
	ALL("length=5,10", 200, NULL),
	ALL("raw=nonsense", 502, "ends in its head"),
	ALL("raw=no%20colon%0a%0a", 502, "colon"),
	ALL("raw=%0a", 502, ""),
	ALL("raw=Status:%20900%0a%0a", 502, "a status that is none"),
	ALL("raw=A:%201%0aTransfer-Encoding:%20chunked%0a%0a3%0d%0aabc%0d%0a0%0d%0a%0d%0a",
		502, "a Transfer-Encoding of its own in line 2"),
	ALL("raw=Content-Length:%201%0aContent-Length:%202%0a%0aab", 502,
		"another Content-Length"),
	ALL("wait_head=60", 504, "no response in time"),
	ALL("half_head=60", 504, "no response in time"),
	ALL("wait_body=60", CUT, "does not go on"),
	PEERS("close", 502, ""),
	PEERS("reset", 502, ""),
	{ "cut=0", { 502, 502 }, { "closed before", "no response" }, 0, 0 },
	{ "cut=5", { 502, 502 }, { "closed before", "ends in its head" }, 0, 0 },
	PEERS("silent", 504, "in time"),
	FASTCGI("garbage=100", 502, "not version 1"),
	FASTCGI("garbage=100000", 502, "not version 1"),
	FASTCGI("record=2,6,1,4", 502, "not version 1"),
	FASTCGI("record=1,5,1,4", 502, "no application sends"),
	FASTCGI("record=1,6,0,4", 502, "id does not go with its type"),
	FASTCGI("record=1,6,2,4", 502, "request that is not there"),
	FASTCGI("record=1,3,1,5", 502, "wrong length"),
	FASTCGI("record=1,10,0,8", 502, "request that is not there"),
	FASTCGI("record=1,10,0,9", 502, "malformed FCGI_GET_VALUES_RESULT"),
	FASTCGI("end_only", 502, "no response"),
	{ "stderr_only", { 502 }, { "" }, 1, 0 },
	FASTCGI("no_end", CUT, "closed before"),
	FASTCGI("no_out_end", 200, NULL),
	FASTCGI("twice", 200, NULL),
	FASTCGI("late", 200, NULL),
	FASTCGI("protocol=1", 503, "one request at a time"),
	FASTCGI("protocol=2", 503, "no peer can take it"),
	FASTCGI("protocol=3", 502, "no responder"),
	FASTCGI("protocol=9", 502, "unknown status"),
	FASTCGI("app_status=7", 200, "exit status 7"),
	FASTCGI("padding=255", 200, NULL),
	CGI("exit=3", 502, "exited with status 3", 0),
	CGI("kill=9", 502, "killed by signal 9", 0),
	CGI("fail_late=4", 200, "exited with status 4", 0),
	CGI("fork_free=60", 200, NULL, 0),
	CGI("fork_hold=60", CUT, "does not go on", 0),
	CGI("stubborn=60", 504, "no response in time", 1),
	CGI("close_input=60", 504, "no response in time", 0),
	CGI("close_output=60", 200, NULL, 0),
	/* 64 KiB in lines of a hundred bytes */
	CGI("stderr=1000000", 200, "the rest is dropped", 656),
	DEAF("deaf_wait=60", 504, "no response in time"),
	DEAF("hello=10", 200, NULL),
	{ 0 },
};
