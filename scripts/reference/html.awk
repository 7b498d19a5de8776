# SPDX-License-Identifier: MIT
#
# html.awk - the reference in one HTML file, which needs nothing else: no script, no other file.
#
# A chapter for each header, in the order of the declarations, and a list of contents by topic.
# Anchors: a function's is its name, a type's struct-NAME, enum-NAME or type-NAME.

function html_put(s) {
	print s >html
}

function write_html(    i, h) {
	find_anchors()
	html_head()
	html_contents()
	html_put("<main>")
	for (i = 1; i <= topics; i++)
		if (topic[i] in header_of)
			html_chapter(header_of[topic[i]])
	html_put("</main>\n</div>")
	html_put("<footer>Made from the headers of Vane " version \
		" by scripts/reference.</footer>\n</body>\n</html>")
	close(html)
}

function find_anchors(    d, i, id) {
	for (d = 1; d <= decls; d++) {
		for (i = 1; kind[d] == "enum" && i <= members[d]; i++)
			anchored[word_of(member[d, i])] = d
		if (is_named(d) || kind[d] == "constant")
			id = name[d]
		else if (is_type(d))
			id = type_anchor(d)
		else
			continue
		if (!(id in anchored)) {
			anchored[id] = d
			anchor[d] = id
		}
	}
}

function type_anchor(d) {
	if (kind[d] == "typedef")
		return "type-" name[d]
	if (kind[d] == "opaque")
		return "struct-" name[d]
	if (name[d] != "")
		return kind[d] "-" name[d]
	return "enum-" word_of(member[d, 1])
}

# The name of an enumerator, which is its anchor, too.
function word_of(s) {
	match(s, /^[A-Z0-9_]+/)
	return substr(s, 1, RLENGTH)
}

function html_head(    h) {
	html_put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")
	html_put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
	html_put("<meta name=\"color-scheme\" content=\"light dark\">")
	html_put("<title>Vane " version ": reference</title>\n<style>")
	html_style()
	html_put("</style>\n</head>\n<body>\n<header>")
	html_put("<h1>Vane " version ": reference</h1>")
	html_put("<p>Every public function, object and type, by header: what <code>man" \
		" vane_response_printf</code> says of one, for all in one place.</p>")
	for (h = 1; h <= headers; h++)
		if (header_path[h] !~ /\//)
			html_opening(h)
	html_put("</header>")
}

function html_style() {
	html_put(":root { --ink: #1c2024; --soft: #5b6570; --paper: #fff; --code: #f3f5f7;\n" \
		"  --line: #d8dde2; --link: #0b5cad; --mark: #fff4cc }")
	html_put("@media (prefers-color-scheme: dark) {\n  :root { --ink: #dfe3e7; --soft: #98a3ae;" \
		" --paper: #15181b; --code: #20252a;\n    --line: #353c43; --link: #7db7f5;" \
		" --mark: #3d3514 }\n}")
	html_put("* { box-sizing: border-box }\nhtml { scroll-padding-top: 1em }")
	html_put("body { margin: 0; padding: 0 1rem 2rem; color: var(--ink);" \
		" background: var(--paper);\n  font: 1rem/1.5 system-ui, sans-serif;" \
		" overflow-wrap: anywhere }")
	html_put("a { color: var(--link); text-decoration: none }\na:hover { text-decoration: underline }")
	html_put("code, pre { font: .9em/1.45 ui-monospace, monospace }")
	html_put("pre { margin: .5em 0; padding: .6em .8em; background: var(--code);" \
		" border-radius: .3em;\n  white-space: pre-wrap; tab-size: 8 }")
	html_put("h1 { font-size: 1.6rem } h2 { font-size: 1.3rem; margin: 3rem 0 0;" \
		" padding-top: .6rem;\n  border-top: 2px solid var(--line) }")
	html_put("h3 { font-size: 1rem; margin: 2rem 0 0; font-family: ui-monospace, monospace }")
	html_put("h3 a { color: inherit } p, ul, dl { margin: .5em 0 } ul { padding-left: 1.4em }")
	html_put(":target { background: var(--mark) }")
	html_put("dt { margin-top: .4em } dd { margin: 0 0 0 1.6em } dd p { margin: .2em 0 }")
	html_put(".soft { color: var(--soft); font-size: .9em }")
	html_put("nav { columns: 11em; column-gap: 1.5em; font-size: .9em }")
	html_put("nav summary { cursor: pointer } nav ul { list-style: none; margin: 0;" \
		" padding: 0 0 .4em 1.1em }")
	html_put("nav .alone { padding-left: 1.1em }\nfooter { margin-top: 3rem; color: var(--soft) }")
	html_put("@media (max-width: 30rem) { pre { font-size: .8em } }")
	html_put("@media (min-width: 60rem) {\n  body { max-width: 76rem; margin: 0 auto }" \
		"\n  .page { display: grid; grid-template-columns: 18rem minmax(0, 1fr); gap: 2.5rem }" \
		"\n  nav { columns: auto; position: sticky; top: 0; max-height: 100vh;" \
		" overflow-y: auto;\n    padding: 1rem 0; align-self: start }" \
		"\n  main > section:first-child > h2 { margin-top: 1rem }\n}")
}

function html_contents(    i, t, j) {
	html_put("<div class=\"page\">\n<nav aria-label=\"Contents\">")
	for (i = 1; i <= topics; i++) {
		t = topic[i]
		if (topic_names[t] == 0) {
			html_put("<div class=\"alone\">" chapter_link(t, t) "</div>")
			continue
		}
		html_put("<details>\n<summary>" t " <span class=\"soft\">" topic_names[t] \
			"</span></summary>\n<ul>")
		if (t in header_of)
			html_put("<li>" chapter_link(t, header_path[header_of[t]]) "</li>")
		for (j = 1; j <= topic_names[t]; j++)
			html_put("<li><a href=\"#" topic_name[t, j] "\">" topic_name[t, j] "</a></li>")
		html_put("</ul>\n</details>")
	}
	html_put("</nav>")
}

function chapter_link(t, s) {
	return "<a href=\"#" chapter_anchor(header_of[t]) "\">" s "</a>"
}

function chapter_anchor(h) {
	return replace(header_path[h], "/", "-")
}

function html_chapter(h,    d, g) {
	html_put("<section>\n<h2 id=\"" chapter_anchor(h) "\">" header_path[h] "</h2>")
	html_opening(h)
	for (d = 1; d <= decls; d++) {
		if (header[d] != h)
			continue
		if (kind[d] == "note")
			html_parts(as_parts(text[d]))
		else if (is_named(d) && d == group[d])
			html_function(d)
		else if (is_type(d) && d in anchor)
			html_type(d)
		else if (kind[d] == "constant" && d == group[d])
			html_constants(d)
	}
	html_put("</section>")
}

function html_opening(h,    s) {
	s = opening[h]
	sub(/^vane\.h - /, "vane.h: ", s)
	if (sub(/^vane\/[a-z0-9_]+\.h - /, "", s))
		s = toupper(substr(s, 1, 1)) substr(s, 2)
	html_parts(as_parts(s))
}

function html_function(g,    e, titles, code_) {
	titles = code_ = ""
	for (e = g; e <= decls; e++)
		if (group[e] == g) {
			titles = titles (titles == "" ? "" : ", ") "<a id=\"" name[e] "\" href=\"#" \
				name[e] "\">" name[e] "</a>"
			code_ = code_ (code_ == "" ? "" : "\n") html_code(wrapped(declaration(e)))
		}
	html_put("<article>\n<h3>" titles "</h3>\n<pre>" code_ "</pre>")
	html_parts(g)
	for (e = 1; e <= results[g]; e++)
		html_put("<p>" html_text(result_text[g, e]) "</p>")
	html_errors(g)
	for (e = 1; e <= examples[g]; e++)
		html_put("<pre>" html_code(example[g, e]) "</pre>")
	html_since(g)
	html_put("</article>")
}

function declaration(d) {
	return kind[d] == "macro" ? "#define " code[d] : code[d] ";"
}

function html_errors(g,    i, j, n, names, term) {
	if (errors[g] == 0)
		return
	html_put("<dl>")
	for (i = 1; i <= errors[g]; i++) {
		n = split(error_name[g, i], names, " ")
		term = ""
		for (j = 1; j <= n; j++)
			term = term (j > 1 ? ", " : "") "<code>-" names[j] "</code>"
		html_put("<dt>" (term == "" ? "other" : term) "</dt>\n<dd>" \
			html_text(error_text[g, i]) "</dd>")
	}
	html_put("</dl>")
}

# Said only of what is not there from the first.
function html_since(g,    e, s) {
	s = ""
	for (e = g; e <= decls; e++)
		if (group[e] == g && name[e] in was)
			s = s ", as " was[name[e]] "()"
	if (s != "" || version_of(g) != "0.1.0")
		html_put("<p class=\"soft\">Since " version_of(g) s "</p>")
}

function html_type(d,    i) {
	html_put("<article>\n<h3><a id=\"" anchor[d] "\" href=\"#" anchor[d] "\">" \
		type_title(d) "</a></h3>")
	if (kind[d] == "typedef")
		html_put("<pre>" html_code(wrapped(code[d] ";")) "</pre>")
	html_parts(group[d])
	if (members[d] > 0) {
		html_put("<dl>")
		for (i = 1; i <= members[d]; i++) {
			html_put("<dt" (kind[d] == "enum" ? " id=\"" word_of(member[d, i]) "\"" : "") \
				"><code>" html_code(member[d, i]) "</code></dt>\n<dd>")
			html_parts(as_parts(member_text[d, i]))
			html_put("</dd>")
		}
		html_put("</dl>")
	}
	html_put("</article>")
}

function html_constants(g,    e, s) {
	s = ""
	for (e = g; e <= decls; e++)
		if (group[e] == g)
			s = s (s == "" ? "" : "\n") "#define <a id=\"" name[e] "\" href=\"#" name[e] "\">" \
				name[e] "</a>" html_escape(substr(code[e], length(name[e]) + 1))
	html_put("<div>\n<pre>" s "</pre>")
	html_parts(g)
	html_put("</div>")
}

function html_parts(g,    i, before) {
	before = ""
	for (i = 1; i <= parts[g]; i++) {
		html_block(part_kind[g, i], part[g, i], before)
		before = part_kind[g, i]
	}
	if (before == "item")
		html_put("</ul>")
}

function html_block(what, s, before) {
	if (before == "item" && what != "item")
		html_put("</ul>")
	if (what == "item" && before != "item")
		html_put("<ul>")
	if (what == "code")
		html_put("<pre>" html_code(s) "</pre>")
	else if (what == "item")
		html_put("<li>" html_text(s) "</li>")
	else
		html_put("<p>" html_text(s) "</p>")
}

function html_escape(s) {
	s = replace(s, "&", "&amp;")
	s = replace(s, "<", "&lt;")
	return replace(s, ">", "&gt;")
}

# html_text(S) - with names marked, and links to what has an anchor
function html_text(s,    words, n, i, word, out_) {
	gsub(/\n/, " ", s)
	n = split(s, words, " ")
	out_ = ""
	for (i = 1; i <= n; i++) {
		word = words[i]
		if (word ~ /^["(]*(struct|enum)$/ && words[i + 1] ~ /^vane_/)
			word = word " " words[++i]
		out_ = out_ (i > 1 && out_ != "" ? " " : "") html_word(word)
	}
	return out_
}

function html_word(word,    at, size) {
	if (match(word, /((struct|enum) )?vane_[a-z0-9_]+(\.[a-z_]+)?(\(\))?/) ||
	    match(word, /-E[A-Z0-9]+[A-Z]/) || match(word, /VANE_[A-Z0-9_]*[A-Z0-9](\(\))?/) ||
	    match(word, /^["(]*NULL/) || match(word, /[a-zA-Z_]+\(\)/)) {
		at = RSTART
		size = RLENGTH
		return html_escape(substr(word, 1, at - 1)) "<code>" \
			html_link(substr(word, at, size)) "</code>" html_escape(substr(word, at + size))
	}
	if (match(word, /vane\/[a-z0-9_]+\.h/)) {
		at = RSTART
		size = RLENGTH
		return html_escape(substr(word, 1, at - 1)) "<a href=\"#" \
			replace(substr(word, at, size), "/", "-") "\">" substr(word, at, size) "</a>" \
			html_escape(substr(word, at + size))
	}
	return html_escape(word)
}

# html_link(S) - a name, as a link if it has an anchor
function html_link(s,    id) {
	id = s
	sub(/\(\)$/, "", id)
	sub(/ /, "-", id)
	sub(/\.[a-z_]+$/, "", id)
	if (s ~ /\.[a-z_]+$/)
		id = "struct-" id
	if (!(id in anchored) && ("type-" id) in anchored)
		id = "type-" id
	return id in anchored ? "<a href=\"#" id "\">" html_escape(s) "</a>" : html_escape(s)
}

# html_code(S) - code with links in it
function html_code(s,    out_, at, size) {
	out_ = ""
	while (match(s, /((struct|enum) )?vane_[a-z0-9_]+/)) {
		at = RSTART
		size = RLENGTH
		out_ = out_ html_escape(substr(s, 1, at - 1)) html_link(substr(s, at, size))
		s = substr(s, at + size)
	}
	return out_ html_escape(s)
}
