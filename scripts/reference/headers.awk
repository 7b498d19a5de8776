# SPDX-License-Identifier: MIT
#
# headers.awk - reads the public headers: each declaration with the comment above it.
#
# What it finds are declarations d = 1 .. decls, in the order of the headers: kind[d] ("function",
# "object", "macro", "constant", "struct", "enum", "typedef", "opaque", or "note" for a comment that
# stands alone; a macro in capitals is a constant, with its arguments), name[d], header[d], text[d] as it is written, group[d]: the first of those that
# share one comment, which stand right below each other; of functions result[d] and arg[d, 1 ..
# args[d]], of structs and enums member[d, 1 .. members[d]] with member_text[], of all code[d].
# A header has its opening comment in opening[], a hand-written page its names in by_hand[].
#
# It knows C as the headers have it (clang-format keeps them so), not all of C.

function trim(s) {
	sub(/^[ \t\n]+/, "", s)
	sub(/[ \t\n]+$/, "", s)
	return s
}

function squeeze(s) {
	gsub(/[ \t\n]+/, " ", s)
	return trim(s)
}

function replace(s, from, to,    out, at) {
	out = ""
	while ((at = index(s, from)) > 0) {
		out = out substr(s, 1, at - 1) to
		s = substr(s, at + length(from))
	}
	return out s
}

FNR == 1 {
	kind_of_file = FILENAME ~ /\.h$/ ? "header" : FILENAME ~ /\.sed$/ ? "renames" : "page"
	if (kind_of_file == "header")
		begin_header()
	else if (kind_of_file == "page") {
		page = FILENAME
		sub(/.*\//, "", page)
		sub(/\.[0-9]$/, "", page)
	}
}

kind_of_file == "header" { line_of_header($0) }

# The names that a hand-written page has, and the date of all pages.
kind_of_file == "page" && $1 == ".Nm" && NF > 1 && !in_body { by_hand[$2] = page }
kind_of_file == "page" && $1 == ".Sh" { in_body = $2 != "NAME" }
kind_of_file == "page" && $1 == ".Dd" { date = substr($0, 5) }

# s/\bOLD\b/NEW/g: what a name was before.
kind_of_file == "renames" && split($0, half, "/") > 2 && half[2] ~ /^.bvane_/ {
	match(half[2], /vane_[a-z0-9_]+/)
	old = substr(half[2], RSTART, RLENGTH)
	if (match(half[3], /^vane_[a-z0-9_]+/) && substr(half[3], 1, RLENGTH) != old)
		was[substr(half[3], 1, RLENGTH)] = old
}

function begin_header() {
	path = FILENAME
	sub(/.*include\//, "", path)
	headers++
	header_path[headers] = path
	header_base[headers] = path
	sub(/^.*\//, "", header_base[headers])
	sub(/\.h$/, "", header_base[headers])
	in_comment = conditions = skipping = depth = nest = 0
	comment = pending = decl = directive = ""
	opened = last = 0
}

function line_of_header(line,    at, code, on_line) {
	if (!in_comment && line ~ /^[ \t]*$/) {
		if (depth == 0) {
			keep_note()
			last = 0
		}
		return
	}
	if (!in_comment && (directive != "" || line ~ /^#/)) {
		directive = directive line
		if (directive ~ /\\$/)
			directive = substr(directive, 1, length(directive) - 1) " "
		else {
			do_directive(directive)
			directive = ""
		}
		return
	}
	if (skipping)
		return
	on_line = 0
	while (line != "") {
		if (in_comment) {
			at = index(line, "*/")
			comment = comment "\n" comment_line(at ? substr(line, 1, at - 1) : line)
			if (!at)
				return
			in_comment = 0
			end_comment(comment)
			line = substr(line, at + 2)
			continue
		}
		at = index(line, "/*")
		code = at ? substr(line, 1, at - 1) : line
		if (code !~ /^[ \t]*$/) {
			take_code(code)
			on_line = 1
		}
		if (!at)
			return
		trailing = on_line && decl ~ /^[ \t]*$/
		in_comment = 1
		comment = ""
		line = substr(line, at + 2)
		# The rest of this line is its first, not one that begins with a star.
		at = index(line, "*/")
		comment = trim(at ? substr(line, 1, at - 1) : line)
		if (!at)
			return
		in_comment = 0
		end_comment(comment)
		line = substr(line, at + 2)
	}
}

# What a line of a comment says: a tab behind the star is kept, it marks code.
function comment_line(line) {
	if (line !~ /^[ \t]*\*/)
		return trim(line)
	sub(/^[ \t]*\* ?/, "", line)
	sub(/[ \t]+$/, "", line)
	return line
}

function end_comment(comment) {
	sub(/^\n+/, "", comment)
	sub(/[ \t\n]+$/, "", comment)
	if (comment ~ /^SPDX-/)
		return
	if (!trailing)
		pending = comment
	else if (depth > 0 && members[agg] > 0)
		member_text[agg, members[agg]] = comment
	else if (last) {
		text[last] = comment
		group[last] = last
	}
	trailing = 0
}

# A comment with nothing right below it stands for itself.
function keep_note() {
	if (pending == "")
		return
	new_decl("note", "")
	pending = ""
}

function new_decl(what, its_name) {
	decls++
	kind[decls] = what
	name[decls] = its_name
	header[decls] = headers
	text[decls] = pending
	group[decls] = decls
	if (pending == "" && last && what != "note" && kin(what, kind[last]))
		group[decls] = group[last]
	pending = ""
	last = decls
	if (its_name != "" && what ~ /^(function|object|macro)$/)
		named[its_name] = decls
	else if (its_name != "" && what != "opaque" && what != "note")
		type_named[its_name] = decls
	return decls
}

# Whether two may share a comment.
function kin(one, other) {
	if (one == other)
		return one != "struct" && one != "enum"
	return one ~ /^(function|object|macro)$/ && other ~ /^(function|object|macro)$/
}

function do_directive(line,    d, word, value, at) {
	if (line ~ /^# *if/) {
		conditions++
		if (line ~ /__cplusplus/)
			skipping = conditions
		if (conditions == 1 && pending != "" && !opened) {
			opening[headers] = pending
			opened = 1
			pending = ""
		}
		return
	}
	if (line ~ /^# *endif/) {
		if (skipping == conditions)
			skipping = 0
		conditions--
		return
	}
	# What depends on a condition is for compilers, not for readers.
	if (line !~ /^# *define / || conditions != 1)
		return
	sub(/^# *define +/, "", line)
	at = index(line, "/*")
	value = at ? substr(line, at + 2) : ""
	if (at) {
		line = substr(line, 1, at - 1)
		sub(/\*\/.*/, "", value)
		if (pending == "")
			pending = trim(value)
	}
	match(line, /^[A-Za-z0-9_]+/)
	word = substr(line, 1, RLENGTH)
	value = substr(line, RLENGTH + 1)
	if (word ~ /^vane_/ && value ~ /^\(/) {
		d = new_decl("macro", word)
		at = index(value, ")")
		code[d] = word substr(value, 1, at)
		split_args(d, substr(value, 2, at - 2))
	} else if (word ~ /^VANE_.*[A-Z0-9]$/ && trim(value) != "") {
		d = new_decl("constant", word)
		at = index(value, ")")
		code[d] = value ~ /^\(/ ? word substr(value, 1, at) : word " " squeeze(value)
	}
}

# A piece of code without comments: up to each ; { } , that ends something.
function take_code(code,    at, c, piece) {
	while (match(code, /[;{},]/)) {
		c = substr(code, RSTART, 1)
		piece = substr(code, 1, RSTART - 1)
		code = substr(code, RSTART + 1)
		decl = decl " " piece
		if (depth == 0)
			end_outside(c)
		else
			end_inside(c)
	}
	decl = decl " " code
}

function end_outside(c) {
	if (c == ",") {
		decl = decl c
		return
	}
	decl = squeeze(decl)
	if (c == "{") {
		begin_aggregate(decl)
		return
	}
	if (c == ";" && decl != "")
		end_declaration(decl)
	else
		closed = 0
	decl = ""
}

function end_inside(c) {
	if (c == "{")
		nest++
	if (nest > 0 || (c == "," && kind[agg] != "enum")) {
		decl = decl c
		if (c == "}")
			nest--
		return
	}
	end_member(squeeze(decl))
	decl = ""
	if (c == "}")
		depth = 0
}

function begin_aggregate(head,    words, n, d) {
	n = split(head, words, " ")
	d = new_decl(words[1], n > 1 ? words[2] : "")
	members[d] = 0
	code[d] = head
	agg = d
	depth = 1
	decl = ""
}

function end_member(decl) {
	if (decl == "")
		return
	sub(/ VANE_ZERO$/, "", decl) # for compilers
	members[agg]++
	member[agg, members[agg]] = pretty(decl)
	member_text[agg, members[agg]] = pending
	pending = ""
}

# A declarator without blanks that its line had for columns.
function pretty(s) {
	gsub(/\* +/, "*", s)
	gsub(/\*const/, "* const", s)
	gsub(/\* const \*/, "*const *", s)
	gsub(/\* const/, "*const", s)
	gsub(/\( +/, "(", s)
	return s
}

function end_declaration(s,    d, at, its) {
	if (s ~ /^struct [A-Za-z0-9_]+$/) {
		its = substr(s, 8)
		if (its !~ /^vane_/)
			return
		d = new_decl("opaque", its)
		code[d] = s
		return
	}
	if (s ~ /^typedef /) {
		match(s, /vane_[a-z0-9_]+_fn/)
		d = new_decl("typedef", substr(s, RSTART, RLENGTH))
		code[d] = pretty(s)
		return
	}
	if (s !~ /^VANE_API /)
		return
	s = substr(s, 10)
	if (s ~ /^extern /) {
		match(s, /[A-Za-z0-9_]+$/)
		d = new_decl("object", substr(s, RSTART, RLENGTH))
		code[d] = s
		return
	}
	sub(/\) VANE_[A-Z_]+\([^()]*\)$/, ")", s)
	match(s, /[A-Za-z0-9_]+\(/)
	d = new_decl("function", substr(s, RSTART, RLENGTH - 1))
	code[d] = pretty(s)
	result[d] = trim(substr(s, 1, RSTART - 1))
	s = pretty(substr(s, RSTART + RLENGTH))
	split_args(d, substr(s, 1, length(s) - 1))
}

# Commas between arguments, not those of a callback's own.
function split_args(d, s,    i, c, open, one) {
	args[d] = 0
	open = 0
	one = ""
	for (i = 1; i <= length(s) + 1; i++) {
		c = i > length(s) ? "," : substr(s, i, 1)
		if (c == "(")
			open++
		if (c == ")")
			open--
		if (c == "," && open == 0) {
			arg[d, ++args[d]] = trim(one)
			one = ""
		} else
			one = one c
	}
}
