/* SPDX-License-Identifier: MIT */
/*
 * vane/filters.h - filters that are there: request ids, security headers, CORS, compression,
 * ETags, access by address, Basic authentication, rate limits.
 *
 *	static struct vane_security_opts safety = { .csp = "default-src 'self'" };
 *	static const struct vane_filter filters[] = { VANE_FILTER(&vane_request_id_filter, NULL),
 *		VANE_FILTER(&vane_security_filter, &safety), VANE_FILTER_END };
 *	static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };
 *
 * The data of each are its settings, which are borrowed, with all text in them, as long as the
 * application lives; NULL, or a struct of zeros, has the defaults.  Settings that cannot be are
 * refused by vane_app_new() with -EINVAL, and the log names the member.  Where the order matters, it
 * is said; in doubt it is that of this header.
 *
 * All since 0.2.0.
 */
#ifndef VANE_FILTERS_H
#define VANE_FILTERS_H

#include <vane/filter.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Settings of vane_request_id_filter. */
struct vane_request_id_opts {
	/*
	 * believe the client's own, if it is 1 to 128 letters, digits and "-_.:+/=@": for
	 * those behind a front that makes them
	 */
	bool trust VANE_ZERO;
	const char *field VANE_ZERO; /* NULL: "X-Request-Id" */
};

/*
 * Give each request an id, which the response has in a field and the log where vane_request_log()
 * writes: vane_request_id().  It is 128 random bits in hexadecimal, or the client's.
 */
VANE_API extern const struct vane_filter_type vane_request_id_filter;

/*
 * Settings of vane_security_filter: values of fields.  NULL is the default, which is said behind each,
 * and "" leaves it out.
 */
struct vane_security_opts {
	const char *content_type_options VANE_ZERO; /* X-Content-Type-Options: "nosniff" */
	/*
	 * X-Frame-Options (RFC 7034): "DENY"; frame-ancestors in csp rules over it, and can
	 * name others
	 */
	const char *frame_options VANE_ZERO;
	/* Referrer-Policy: "strict-origin-when-cross-origin" */
	const char *referrer_policy VANE_ZERO;
	const char *opener_policy VANE_ZERO; /* Cross-Origin-Opener-Policy: "same-origin" */
	const char *resource_policy
		VANE_ZERO; /* Cross-Origin-Resource-Policy: "same-origin" */
	const char *embedder_policy VANE_ZERO; /* Cross-Origin-Embedder-Policy: left out */
	const char *csp VANE_ZERO;             /* Content-Security-Policy: left out */
	const char *permissions_policy VANE_ZERO; /* Permissions-Policy: left out */
	/*
	 * Strict-Transport-Security (RFC 6797), sent over https only: "max-age=31536000", a
	 * year; subdomains are for the program to say, as they may be others'
	 */
	const char *transport_security VANE_ZERO;
};

/*
 * Tell browsers to be careful with all answers, error pages included.  A field that the handler has
 * set is left as it is.
 */
VANE_API extern const struct vane_filter_type vane_security_filter;

/* Settings of vane_basic_auth_filter; file is needed. */
struct vane_basic_auth_opts {
	/*
	 * users and hashes of their passwords as htpasswd -B writes them: bcrypt, or another of
	 * crypt(5) that is slow on purpose.  Others let nobody in, and are named in the log
	 */
	const char *file VANE_ZERO;
	const char *realm VANE_ZERO; /* what browsers show: "restricted" */
};

/*
 * Let in who has a name and a password of the file (RFC 7617): vane_request_remote_user() is the name
 * then.  All others are answered with 401.
 *
 * The file is read when the application is made, and again when it has changed.  Hashing takes some 50
 * ms, in which the process does nothing else; what was right is not hashed again for a minute.  Names
 * and passwords are in clear on the wire: https is for the front, or for a network that is trusted.
 * vane_app_new() fails with what the file cannot be read for, and with -ENOTSUP where Vane was built
 * without libcrypt.
 */
VANE_API extern const struct vane_filter_type vane_basic_auth_filter;

/* Settings of vane_cors_filter. */
struct vane_cors_opts {
	/*
	 * who may ask: origins as browsers write them, scheme and host, and a port if
	 * there is one; up to a NULL; or "*" alone, for all.  NULL: all
	 */
	const char *const *origins VANE_ZERO;
	const char *methods
		VANE_ZERO; /* "GET, HEAD, POST", which is the default; "*": all */
	/* fields of requests that are not simple, "Content-Type, X-Key"; "*": all; NULL: none */
	const char *headers VANE_ZERO;
	/* fields of responses that scripts may see, beside the simple ones; NULL: no more */
	const char *exposed VANE_ZERO;
	/* with cookies and credentials: only for origins that are named, and without "*" */
	bool credentials VANE_ZERO;
	int64_t max_age_sec VANE_ZERO; /* so long a browser need not ask again: 600 */
};

/*
 * Let pages of other origins ask (CORS, in the Fetch standard).  Preflights are answered with 204, and
 * reach no filter behind this one: it stands before those that want credentials, as browsers send
 * none with them.
 */
VANE_API extern const struct vane_filter_type vane_cors_filter;

/* Settings of vane_compress_filter. */
struct vane_compress_opts {
	/*
	 * media types, up to a NULL, as vane_media_type_is() has them; NULL: all text, and
	 * JavaScript, JSON, XML, XHTML, Atom and SVG
	 */
	const char *const *types VANE_ZERO;
	int64_t min_bytes VANE_ZERO; /* shorter bodies stay as they are: 1024 */
	int64_t level VANE_ZERO;     /* 1, fast, to 9, small: 6 */
	int64_t max_streams
		VANE_ZERO; /* at a time, of some 260 KiB each, in each process: 256 */
};

/*
 * Compress bodies with gzip where the client accepts that (RFC 9110, 12.5.3).  What was flushed reaches
 * the client still; a strong ETag becomes weak.  Where Vane was built without zlib, vane_app_new() fails
 * with -ENOTSUP.
 *
 * Left alone is what has a Content-Encoding or a Content-Range, and "Cache-Control: no-transform".
 * Answers that have both a secret and something that a client has sent are better not compressed, as
 * their length tells of the secret (BREACH).
 */
VANE_API extern const struct vane_filter_type vane_compress_filter;

/*
 * Give answers an ETag, and 304 to clients that have them already (RFC 9110, 13).
 *
 * It is for answers with 200 to GET that have none, and are complete and in memory when they leave.
 * There are no settings.  The tag is a hash of the body, the same in all processes; weak where a filter
 * that stands behind this one compresses.  It is a good checksum and no seal: who chooses what a page
 * says could make two with the same one.
 */
VANE_API extern const struct vane_filter_type vane_etag_filter;

/* Settings of vane_access_filter: lists of addresses and networks, "10.0.0.0/8, fd00::/8". */
struct vane_access_opts {
	/* refused, also if they are allowed, and with them what is no address; NULL: nobody */
	const char *deny VANE_ZERO;
	const char *allow VANE_ZERO; /* let in, and all others refused; NULL: everybody */
	bool allow_unknown
		VANE_ZERO; /* with .allow, those without an address: unix sockets */
};

/*
 * Let clients in by their address, vane_request_remote_addr(), and answer others with 403.
 *
 * Behind a front server that address is what the front says: for the native server see .xheaders of
 * struct vane_app_opts.
 */
VANE_API extern const struct vane_filter_type vane_access_filter;

/*
 * Settings of vane_rate_limit_filter: so many requests at once, and as many again in each interval.
 * Only max_requests can be VANE_NO_LIMIT.
 */
struct vane_rate_limit_opts {
	int64_t max_requests VANE_ZERO;  /* 100 */
	int64_t interval_msec VANE_ZERO; /* 10 s */
	/* how many can be told apart, of 16 bytes each: 65536; above that who asks least is forgotten */
	int64_t max_addresses VANE_ZERO;
};

/*
 * Limit how often a client may ask, and answer 429 with Retry-After (RFC 6585, 4).
 *
 * A client is an IPv4 address, or the first 64 bits of an IPv6 address; one without an address is not
 * limited.  Each has a bucket of max_requests tokens, which fills evenly.  Processes that are forked
 * behind vane_app_new(), as vane_main() does it, count together; CGI programs do not count at all.
 */
VANE_API extern const struct vane_filter_type vane_rate_limit_filter;

#ifdef __cplusplus
}
#endif

#endif
