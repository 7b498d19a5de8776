# SPDX-License-Identifier: MIT
#
# mdoc.awk - the manual pages in mdoc(7): one for each name, and one for each topic.
#
# Functions that share a comment share a page's text, each under its own name.  What a hand-written
# page has among its names gets no page here, but where it lacks the file, one that leads to it.

function write_pages(    i, d) {
	for (d = 1; d <= decls; d++)
		if (is_named(d)) {
			if (!(name[d] in by_hand))
				write_page(d)
			else if (by_hand[name[d]] != name[d])
				write_link(name[d], by_hand[name[d]])
		} else if (is_macro(d) && !has_page(tolower(name[d])))
			write_link(name[d], "vane_" header_base[header[d]])
	for (i = 1; i <= topics; i++)
		if (!(("vane_" topic[i]) in by_hand) && !(("vane_" topic[i]) in named))
			write_topic(topic[i])
}

# Whether there is a page of that name: man does not look at capitals, nor do some file systems.
function has_page(its_name) {
	return its_name in named || its_name in by_hand || substr(its_name, 6) in is_topic
}

function put(s) {
	print s >out
}

function open_page(page) {
	out = man "/" page ".3"
	put(".\\\" SPDX-License-Identifier: MIT")
	put(".\\\" Made by scripts/reference from the headers.")
	put(".Dd " date)
	put(".Dt " toupper(page) " 3")
	put(".Os Vane " version)
	split("", see)
	split("", own)
	split("", shown)
	pages++
}

function write_link(from, to) {
	out = man "/" from ".3"
	put(".so man3/" to ".3")
	close(out)
	pages++
}

function write_page(d,    g, e, more) {
	g = group[d]
	open_page(name[d])
	more = ""
	for (e = g; e <= decls; e++)
		if (group[e] == g)
			own[name[e]] = 1
	put(".Sh NAME")
	for (e = g; e <= decls; e++)
		if (group[e] == g && e != d)
			more = more (more == "" ? "" : " ,\n") ".Nm " name[e]
	put(".Nm " name[d] (more == "" ? "" : " ,\n" more))
	put(".Nd " macro_text(brief[g]))
	library(header[d])
	for (e = g; e <= decls; e++)
		if (group[e] == g)
			prototype(e)
	put(".Sh DESCRIPTION")
	put_parts(g)
	put_types(g)
	put_rest_of_header(header[d])
	if (("vane_" topic_of[d]) == name[d])
		put_topic(topic_of[d])
	put_results(g)
	put_examples(g)
	put_errors(g)
	see_also(d)
	put_history(d)
	close(out)
}

function library(h) {
	put(".Sh LIBRARY\nlibvane: compile and link with")
	put(".Li $(pkg-config --cflags --libs vane) .")
	put(".Sh SYNOPSIS\n.In " header_path[h])
}

function prototype(d,    i) {
	if (kind[d] == "object") {
		put(".Vt " code[d] ";")
		return
	}
	if (kind[d] == "function")
		put(".Ft " quoted(result[d]))
	put(".Fo " name[d])
	for (i = 1; i <= args[d]; i++)
		put(".Fa " quoted(arg[d, i]))
	put(".Fc")
}

# What a function's arguments are, as far as the headers say it.
function put_types(g,    e, n, i, seen, list, count) {
	count = 0
	for (e = g; e <= decls; e++) {
		if (group[e] != g || kind[e] == "object")
			continue
		n = types_in(e)
		for (i = 1; i <= n; i++)
			if (!(type_in[i] in seen)) {
				seen[type_in[i]] = 1
				list[++count] = type_in[i]
			}
	}
	for (i = 1; i <= count; i++)
		put_type(list[i])
}

function put_type(t,    i) {
	if (t in shown)
		return
	shown[t] = 1
	put(".Ss " type_title(t))
	if (kind[t] == "typedef")
		put_code(wrapped(code[t] ";"))
	put_parts(group[t])
	if (members[t] == 0)
		return
	put(".Bl -tag -width Ds")
	for (i = 1; i <= members[t]; i++) {
		put(".It " member_tag(t, i))
		while (member_text[t, i] == "" && i < members[t])
			put(".It " member_tag(t, ++i))
		put_parts(as_parts(member_text[t, i]))
	}
	put(".El")
}

function member_tag(t, i,    s) {
	s = member[t, i]
	if (kind[t] != "enum") {
		s = quoted(s)
		if (s !~ /\(/ && sub(/, /, "\" , ", s)) # two of one type
			sub(/"$/, "", s)
		return "Fa " s
	}
	sub(/ =.*/, "", s)
	return "Dv " s
}

# put_parts(D) - the paragraphs, lists and code of a comment that has been understood
function put_parts(d,    i, kind_before) {
	kind_before = ""
	for (i = 1; i <= parts[d]; i++) {
		put_block(part_kind[d, i], part[d, i], kind_before)
		kind_before = part_kind[d, i]
	}
	if (kind_before == "item")
		put(".El")
}

function put_block(what, s, before) {
	if (before == "item" && what != "item")
		put(".El")
	if (what == "item") {
		if (before != "item")
			put(".Bl -bullet")
		put(".It")
	} else if (before != "" && what == "p")
		put(".Pp")
	if (what == "code")
		put_code(s)
	else
		put_text(s)
}

# What the opening comment of a header says of all that is in it, and what stands alone there.
function put_rest_of_header(h,    n, i, d, begun, kinds, texts) {
	n = blocks(opening[h])
	for (i = 2; i <= n; i++)
		texts[i] = block_kind[i] == "p" ? block[i] : ""
	for (d = 1; d <= decls; d++)
		if (header[d] == h && kind[d] == "note")
			texts[++n] = text[d]
	begun = 0
	for (i = 2; i <= n; i++) {
		if (texts[i] == "")
			continue
		put(begun++ ? ".Pp" : ".Ss All of " header_path[h])
		put_text(texts[i])
	}
}

function put_results(g,    i) {
	if (results[g] == 0 && errors[g] > 0 && result[g] == "int")
		result_text[g, ++results[g]] = "Returns 0, or a negative errno."
	if (results[g] > 0)
		put(".Sh RETURN VALUES")
	for (i = 1; i <= results[g]; i++) {
		if (i > 1)
			put(".Pp")
		put_text(result_text[g, i])
	}
}

function put_errors(g,    i, e, names, n) {
	if (errors[g] == 0)
		return
	put(".Sh ERRORS\n.Bl -tag -width Er")
	for (i = 1; i <= errors[g]; i++) {
		if (error_name[g, i] == "") {
			if (i == errors[g])
				break
			put(".It other")
		} else {
			n = split(error_name[g, i], names, " ")
			for (e = 1; e <= n; e++)
				put(".It " (names[e] == "errno" ? "other" : "Bq Er " names[e]))
		}
		put_text(error_text[g, i])
	}
	put(".El")
	if (error_name[g, errors[g]] != "")
		return
	put(".Pp")
	put_text(error_text[g, errors[g]])
}

function put_examples(d,    i) {
	for (i = 1; i <= examples[d]; i++) {
		if (i == 1)
			put(".Sh EXAMPLES")
		put_code(example[d, i])
	}
}

function put_history(d) {
	put(".Sh HISTORY")
	put((kind[d] == "object" ? ".Va " : ".Fn ") name[d])
	put("first appeared in Vane " version_of(d) (name[d] in was ? "," : "."))
	if (name[d] in was)
		put("as\n.Fn " was[name[d]] " .")
}

# The names that the text speaks of, the page of the topic and that of the header; and all of a
# topic that is not large.
function see_also(d,    i, t) {
	t = topic_of[d]
	see["vane"] = see["vane_" t] = see["vane_" header_base[header[d]]] = 1
	for (i = 1; topic_names[t] <= 12 && i <= topic_names[t]; i++)
		see[topic_name[t, i]] = 1
	put_see()
}

function put_see(    list, n, i, one) {
	for (one in see)
		if (!(one in own))
			list[++n] = one
	sort(list, n)
	put(".Sh SEE ALSO")
	for (i = 1; i <= n; i++)
		put(".Xr " list[i] " 3" (i < n ? " ," : ""))
}

function write_topic(t,    h) {
	h = topic_header[t]
	open_page("vane_" t)
	own["vane_" t] = 1
	put(".Sh NAME\n.Nm vane_" t macros_of(t))
	put(".Nd " macro_text(topic_title(t)))
	library(h)
	put(".Sh DESCRIPTION")
	if (t in header_of)
		put_opening(h)
	else {
		put("These functions are declared in\n.In " header_path[h] " ,\nsee")
		put(".Xr vane_" header_base[h] " 3 .")
		see["vane_" header_base[h]] = 1
	}
	put_topic(t)
	if (t in header_of)
		put_opening_examples(h)
	see["vane"] = 1
	put_see()
	close(out)
}

# The other names of a header's page.
function macros_of(t,    d, s) {
	s = ""
	for (d = 1; d <= decls; d++)
		if (t in header_of && header[d] == header_of[t] && is_macro(d))
			s = s " ,\n.Nm " name[d]
	return s
}

function topic_title(t) {
	if (t in header_of)
		return header_title(header_of[t])
	return "functions that begin with vane_" t "_, of " header_path[topic_header[t]]
}

function put_opening(h,    n, i, kinds, texts, begun) {
	n = blocks(opening[h])
	sub(/^vane\/[a-z0-9_]+\.h - /, "", block[1])
	block[1] = toupper(substr(block[1], 1, 1)) substr(block[1], 2)
	for (i = 1; i <= n; i++) {
		kinds[i] = block_kind[i]
		texts[i] = block[i]
	}
	begun = ""
	for (i = 1; i <= n; i++)
		if (kinds[i] != "code" || texts[i - 1] ~ /:$/) {
			put_block(kinds[i], texts[i], begun)
			begun = kinds[i]
		}
}

function put_opening_examples(h,    n, i, begun, codes) {
	n = blocks(opening[h])
	for (i = 1; i <= n; i++)
		if (block_kind[i] == "code" && block[i - 1] !~ /:$/)
			codes[++begun] = block[i]
	if (begun)
		put(".Sh EXAMPLES")
	for (i = 1; i <= begun; i++)
		put_code(codes[i])
}

# A topic's functions, with their lines; and if it is a header, what else that declares.
function put_topic(t,    i, d, h, begun) {
	if (topic_names[t] > 0) {
		put(".Ss Functions\n.Bl -tag -width Ds -compact")
		for (i = 1; i <= topic_names[t]; i++)
			put_line(named[topic_name[t, i]])
		put(".El")
	}
	if (!(t in header_of)) {
		put_types_of_topic(t)
		return
	}
	h = header_of[t]
	begun = 0
	for (d = 1; d <= decls; d++)
		if (header[d] == h && is_named(d) && topic_of[d] != t) {
			if (!begun++)
				put((topic_names[t] ? ".Ss Also in " header_path[h] : ".Ss Functions") \
					"\n.Bl -tag -width Ds -compact")
			put_line(d)
		}
	if (begun)
		put(".El")
	for (d = 1; d <= decls; d++)
		if (header[d] == h && is_type(d))
			put_type(d)
	put_constants(h)
	put_notes(h)
}

# The types that a topic's functions deal with; the page of their header describes them.
function put_types_of_topic(t,    i, j, n, begun) {
	begun = 0
	for (i = 1; i <= topic_names[t]; i++) {
		n = kind[named[topic_name[t, i]]] == "object" ? 0 : types_in(named[topic_name[t, i]])
		for (j = 1; j <= n; j++) {
			if (type_in[j] in shown)
				continue
			shown[type_in[j]] = 1
			if (!begun++)
				put(".Ss Types\n.Bl -tag -width Ds -compact")
			put(".It Vt " type_title(type_in[j]))
			put_text(brief[group[type_in[j]]] ":")
			put(".Xr vane_" header_base[header[type_in[j]]] " 3")
			see["vane_" header_base[header[type_in[j]]]] = 1
		}
	}
	if (begun)
		put(".El")
}

function put_line(d) {
	if (name[d] in own)
		put(".It Fn " name[d])
	else
		put(".It Xr " name[d] " 3")
	put_text(brief[group[d]])
}

function put_constants(h,    d, begun) {
	begun = 0
	for (d = 1; d <= decls; d++)
		if (header[d] == h && kind[d] == "constant") {
			if (!begun++)
				put(".Ss Constants and macros\n.Bl -tag -width Ds")
			put(".It " constant_tag(d))
			if (group[d + 1] != group[d])
				put_parts(group[d])
		}
	if (begun)
		put(".El")
}

function constant_tag(d) {
	return is_macro(d) ? "Li " quoted(code[d]) : "Dv " name[d]
}

function put_notes(h,    d, begun) {
	begun = 0
	for (d = 1; d <= decls; d++)
		if (header[d] == h && kind[d] == "note") {
			put(begun++ ? ".Pp" : ".Ss Notes")
			put_text(text[d])
		}
}

function put_code(s,    lines, n, i) {
	put(".Bd -literal -offset indent")
	n = split(s, lines, "\n")
	for (i = 1; i <= n; i++)
		put(literal(expand(lines[i])))
	put(".Ed")
}

function expand(s,    out_, i, c) {
	out_ = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c != "\t")
			out_ = out_ c
		else
			do
				out_ = out_ " "
			while (length(out_) % 8)
	}
	return out_
}

function literal(s) {
	s = replace(s, "\\", "\\e")
	s = replace(s, "-", "\\-")
	s = replace(s, "'", "\\(aq")
	s = replace(s, "`", "\\(ga")
	s = replace(s, "^", "\\(ha")
	s = replace(s, "~", "\\(ti")
	return s ~ /^\./ ? "\\&" s : s
}

# An argument of a macro that is one, whatever is in it.
function quoted(s) {
	s = macro_text(s)
	return s ~ / / ? "\"" s "\"" : s
}

function macro_text(s) {
	return replace(replace(s, "\\", "\\e"), "\"", "\\(dq")
}

# put_text(S) - a paragraph: a line for each sentence, and names marked as what they are
function put_text(s,    n, i, one) {
	gsub(/\n/, " ", s)
	n = sentences(s)
	for (i = 1; i <= n; i++)
		one[i] = sentence[i]
	for (i = 1; i <= n; i++)
		put_sentence(one[i])
}

function put_sentence(s,    words, n, i, word, marked) {
	n = split(s, words, " ")
	line = ""
	for (i = 1; i <= n; i++) {
		word = words[i]
		if (word ~ /^["(]*(struct|enum)$/ && words[i + 1] ~ /^vane_/)
			word = word " " words[++i]
		marked = mark(word)
		if (marked == "")
			add_word(word)
		else {
			put_words()
			put(marked)
		}
	}
	put_words()
}

function add_word(word) {
	word = replace(word, "\\", "\\e")
	if (word ~ /^["(]*-/)
		word = replace(word, "-", "\\-")
	if (line != "" && length(line) + length(word) > 78)
		put_words()
	line = line (line == "" ? "" : " ") word
}

function put_words() {
	if (line != "")
		put((line ~ /^[.']/ ? "\\&" : "") line)
	line = ""
}

# mark(WORD) - the macro for a word that names something, or ""
function mark(word,    its) {
	if (match(word, /(struct|enum) vane_[a-z0-9_]+/))
		return macro(word, "Vt " substr(word, RSTART, RLENGTH))
	if (match(word, /vane_[a-z0-9_]+\.[a-z_]+/))
		return macro(word, "Fa " substr(word, RSTART, RLENGTH))
	if (match(word, /vane_[a-z0-9_]+(\(\))?/)) {
		its = substr(word, RSTART, RLENGTH)
		if (substr(word, RSTART + RLENGTH) ~ /^[(]/)
			return ""
		sub(/\(\)$/, "", its)
		if (its in named && !(its in own)) {
			see[its] = 1
			return macro(word, "Xr " its " 3")
		}
		if (its in named)
			return macro(word, (kind[named[its]] == "object" ? "Va " : "Fn ") its)
		return its in type_named ? macro(word, "Vt " its) : ""
	}
	if (match(word, /vane\/[a-z0-9_]+\.h/))
		return macro(word, "In " substr(word, RSTART, RLENGTH))
	if (match(word, /VANE_[A-Z0-9_]*[A-Z0-9]/) && substr(word, RSTART + RLENGTH, 1) != "_")
		return macro(word, "Dv " substr(word, RSTART, RLENGTH))
	if (match(word, /NULL/) && word !~ /[A-Za-z0-9_]NULL|NULL[A-Za-z0-9_]/)
		return macro(word, "Dv NULL")
	return ""
}

# Where match() has found a name in a word: what stands before it, and behind it.
function macro(word, call,    before, after, i, s) {
	before = macro_text(substr(word, 1, RSTART - 1))
	after = substr(word, RSTART + RLENGTH)
	s = "." (before == "" ? "" : "Pf " before " ") call
	if (after ~ /^[.,:;)?!]*$/) {
		for (i = 1; i <= length(after); i++)
			s = s " " substr(after, i, 1)
		return s
	}
	return s " Ns " macro_text(after)
}
