/* SPDX-License-Identifier: MIT */
/*
 * mime.c - media types by the extension of a file's name.
 *
 * The table is built in: what a file is called must mean the same on every machine, and
 * containers seldom have a mime.types.  Compressed files are what they are on disk, so
 * ".gz" says so; ".svgz" and the like need a Content-Encoding and are not here.
 */
#include <vane/util.h>

#include "base.h"
#include "slice.h"

struct type {
	char extension[12];
	const char *type;
};

/* Sorted by extension, lower case. */
static const struct type types[] = {
	{ "3gp", "video/3gpp" },
	{ "7z", "application/x-7z-compressed" },
	{ "aac", "audio/aac" },
	{ "apk", "application/vnd.android.package-archive" },
	{ "apng", "image/apng" },
	{ "atom", "application/atom+xml" },
	{ "avi", "video/x-msvideo" },
	{ "avif", "image/avif" },
	{ "bin", "application/octet-stream" },
	{ "bmp", "image/bmp" },
	{ "c", "text/x-c; charset=utf-8" },
	{ "cc", "text/x-c; charset=utf-8" },
	{ "cer", "application/pkix-cert" },
	{ "conf", "text/plain; charset=utf-8" },
	{ "cpp", "text/x-c; charset=utf-8" },
	{ "crl", "application/pkix-crl" },
	{ "crt", "application/x-x509-ca-cert" },
	{ "css", "text/css; charset=utf-8" },
	{ "csv", "text/csv; charset=utf-8" },
	{ "deb", "application/vnd.debian.binary-package" },
	{ "der", "application/x-x509-ca-cert" },
	{ "dmg", "application/x-apple-diskimage" },
	{ "doc", "application/msword" },
	{ "docx",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ "dtd", "application/xml-dtd" },
	{ "eot", "application/vnd.ms-fontobject" },
	{ "eps", "application/postscript" },
	{ "epub", "application/epub+zip" },
	{ "exe", "application/octet-stream" },
	{ "flac", "audio/flac" },
	{ "geojson", "application/geo+json" },
	{ "gif", "image/gif" },
	{ "glb", "model/gltf-binary" },
	{ "gltf", "model/gltf+json" },
	{ "gpx", "application/gpx+xml" },
	{ "gz", "application/gzip" },
	{ "h", "text/x-c; charset=utf-8" },
	{ "heic", "image/heic" },
	{ "heif", "image/heif" },
	{ "htm", "text/html; charset=utf-8" },
	{ "html", "text/html; charset=utf-8" },
	{ "ico", "image/vnd.microsoft.icon" },
	{ "ics", "text/calendar; charset=utf-8" },
	{ "ini", "text/plain; charset=utf-8" },
	{ "iso", "application/octet-stream" },
	{ "jar", "application/java-archive" },
	{ "jp2", "image/jp2" },
	{ "jpe", "image/jpeg" },
	{ "jpeg", "image/jpeg" },
	{ "jpg", "image/jpeg" },
	{ "js", "text/javascript; charset=utf-8" },
	{ "json", "application/json" },
	{ "jsonld", "application/ld+json" },
	{ "jxl", "image/jxl" },
	{ "kml", "application/vnd.google-earth.kml+xml" },
	{ "kmz", "application/vnd.google-earth.kmz" },
	{ "log", "text/plain; charset=utf-8" },
	{ "m3u8", "application/vnd.apple.mpegurl" },
	{ "m4a", "audio/mp4" },
	{ "m4v", "video/mp4" },
	{ "map", "application/json" },
	{ "markdown", "text/markdown; charset=utf-8" },
	{ "md", "text/markdown; charset=utf-8" },
	{ "mid", "audio/midi" },
	{ "midi", "audio/midi" },
	{ "mjs", "text/javascript; charset=utf-8" },
	{ "mkv", "video/matroska" },
	{ "mov", "video/quicktime" },
	{ "mp3", "audio/mpeg" },
	{ "mp4", "video/mp4" },
	{ "mpd", "application/dash+xml" },
	{ "mpeg", "video/mpeg" },
	{ "mpg", "video/mpeg" },
	{ "odp", "application/vnd.oasis.opendocument.presentation" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ "odt", "application/vnd.oasis.opendocument.text" },
	{ "oga", "audio/ogg" },
	{ "ogg", "audio/ogg" },
	{ "ogv", "video/ogg" },
	{ "opus", "audio/ogg" },
	{ "otf", "font/otf" },
	{ "p12", "application/x-pkcs12" },
	{ "p7s", "application/pkcs7-signature" },
	{ "pdf", "application/pdf" },
	{ "pem", "application/x-pem-file" },
	{ "pgp", "application/pgp-encrypted" },
	{ "png", "image/png" },
	{ "ppt", "application/vnd.ms-powerpoint" },
	{ "pptx", "application/"
		  "vnd.openxmlformats-officedocument.presentationml.presentation" },
	{ "ps", "application/postscript" },
	{ "py", "text/x-python; charset=utf-8" },
	{ "rar", "application/vnd.rar" },
	{ "rpm", "application/x-rpm" },
	{ "rss", "application/rss+xml" },
	{ "rtf", "application/rtf" },
	{ "sh", "application/x-sh" },
	{ "sql", "application/sql" },
	{ "srt", "application/x-subrip" },
	{ "stl", "model/stl" },
	{ "svg", "image/svg+xml" },
	{ "swf", "application/x-shockwave-flash" },
	{ "tar", "application/x-tar" },
	{ "tex", "application/x-tex" },
	{ "text", "text/plain; charset=utf-8" },
	{ "tgz", "application/gzip" },
	{ "tif", "image/tiff" },
	{ "tiff", "image/tiff" },
	{ "toml", "application/toml" },
	{ "torrent", "application/x-bittorrent" },
	{ "ts", "video/mp2t" },
	{ "tsv", "text/tab-separated-values; charset=utf-8" },
	{ "ttf", "font/ttf" },
	{ "txt", "text/plain; charset=utf-8" },
	{ "vcf", "text/vcard; charset=utf-8" },
	{ "vtt", "text/vtt; charset=utf-8" },
	{ "wasm", "application/wasm" },
	{ "wav", "audio/wav" },
	{ "weba", "audio/webm" },
	{ "webm", "video/webm" },
	{ "webmanifest", "application/manifest+json" },
	{ "webp", "image/webp" },
	{ "woff", "font/woff" },
	{ "woff2", "font/woff2" },
	{ "xhtml", "application/xhtml+xml" },
	{ "xls", "application/vnd.ms-excel" },
	{ "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	{ "xml", "application/xml" },
	{ "xsl", "application/xslt+xml" },
	{ "xslt", "application/xslt+xml" },
	{ "yaml", "application/yaml" },
	{ "yml", "application/yaml" },
	{ "zip", "application/zip" },
};

/* What stands behind the last dot of the last segment; empty if that begins the name. */
static struct vane_slice extension_of(const char *filename)
{
	const char *slash = strrchr(filename, '/');
	const char *name = slash != NULL ? slash + 1 : filename;
	const char *dot = strrchr(name, '.');

	return vane__slice(dot != NULL && dot != name ? dot + 1 : "");
}

/* strcmp() of a slice in any case with a text in lower case. */
static int compare(struct vane_slice s, const char *text)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		int diff = (unsigned char) vane__lower(s.data[i]) - (unsigned char) text[i];

		if (diff != 0)
			return diff; /* at the end of text at the latest: s holds no NUL */
	}
	return text[i] == '\0' ? 0 : -1;
}

const char *vane_mime_type(const char *filename)
{
	struct vane_slice extension = extension_of(filename != NULL ? filename : "");
	size_t low = 0, high = ARRAY_SIZE(types);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int diff = compare(extension, types[mid].extension);

		if (diff == 0)
			return types[mid].type;
		if (diff < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return "application/octet-stream";
}
