package gelf

// nameRules covers the other standard fields, reserved names and keys.
var nameRules = []rule{
	// Level, line, file, facility, full_message.
	{
		name:  "level",
		frame: with(`"level":6`),
		want:  m("m", "h", 6),
	},
	{
		name:  "a level beyond severities",
		frame: with(`"level":99`),
		want:  m("m", "h", 99),
	},
	{
		name:     "level as text",
		frame:    with(`"level":" 3 "`),
		want:     m("m", "h", 3),
		findings: "level altered: text is read as an integer",
	},
	{
		name:     "level with a fraction",
		frame:    with(`"level":3.7`),
		want:     m("m", "h", 3),
		findings: "level altered: number is read as an integer",
	},
	{
		name:     "level as a boolean",
		frame:    with(`"level":true`),
		want:     m("m", "h", 1),
		findings: "level altered: boolean is read as an integer",
	},
	{
		name:     "level of 33 bits",
		frame:    with(`"level":4294967302`),
		want:     m("m", "h", 6),
		findings: "level altered: number is read as an integer",
	},
	{
		name:  "a negative level",
		frame: with(`"level":-5`),
		want:  m("m", "h", -1, "level", int64(-5)),
	},
	{
		name:  "level as a word",
		frame: with(`"level":"abc"`),
		err:   `level is the text "abc"`,
	},
	{
		name:  "level as an object",
		frame: with(`"level":{}`),
		err:   `level is the text "{}"`,
	},
	{
		name:     "level null",
		frame:    with(`"level":null`),
		want:     m("m", "h", -1),
		findings: "level dropped: null is not stored",
	},
	{
		name:     "level blank",
		frame:    with(`"level":" "`),
		want:     m("m", "h", -1),
		findings: "level " + blank,
	},
	{
		name:     "_level and level",
		frame:    with(`"_level":3,"level":2`),
		want:     m("m", "h", 2),
		findings: "_level dropped: the message has level already",
	},
	{
		name:  "_level alone",
		frame: with(`"_level":3`),
		want:  m("m", "h", 3),
	},
	{
		name:  "line",
		frame: with(`"line":12`),
		want:  m("m", "h", -1, "line", int64(12)),
	},
	{
		name:     "line as text",
		frame:    with(`"line":"12"`),
		want:     m("m", "h", -1, "line", int64(12)),
		findings: "line altered: text is read as an integer",
	},
	{
		name:  "line as a word",
		frame: with(`"line":"abc"`),
		want:  m("m", "h", -1, "line", "abc"),
	},
	{
		name:  "a negative line",
		frame: with(`"line":-1.5`),
		want:  m("m", "h", -1, "line", -1.5),
	},
	{
		name:     "_line and line",
		frame:    with(`"_line":7,"line":8`),
		want:     m("m", "h", -1, "line", int64(8)),
		findings: "_line dropped: the message has line already",
	},
	{
		name:  "file and facility",
		frame: with(`"file":"a.go","facility":"f"`),
		want:  m("m", "h", -1, "file", "a.go", "facility", "f"),
	},
	{
		name:     "file as a number",
		frame:    with(`"file":1e7`),
		want:     m("m", "h", -1, "file", "1.0E7"),
		findings: "file altered: number is stored as text",
	},
	{
		name:     "facility null",
		frame:    with(`"facility":null`),
		want:     m("m", "h", -1, "facility", "null"),
		findings: "facility altered: null is stored as text",
	},
	{
		name:     "file as an object",
		frame:    with(`"file":{"a":1}`),
		want:     m("m", "h", -1, "file", `{"a":1}`),
		findings: "file altered: object is stored as JSON text",
	},
	{
		name:     "file blank",
		frame:    with(`"file":" ","_file":"x"`),
		want:     m("m", "h", -1, "file", "x"),
		findings: "file " + blank,
	},
	{
		name:  "file too long",
		frame: with(`"file":"$32767"`),
		err:   `"file" has 32767 bytes`,
	},
	{
		name:     "full_message",
		frame:    with(`"full_message":" x\n"`),
		want:     m("m", "h", -1, "full_message", "x"),
		findings: "full_message " + trimmed,
	},
	{
		name:  "full_message has no limit",
		frame: with(`"full_message":"$40000"`),
		want:  m("m", "h", -1, "full_message", long("$40000")),
	},
	{
		name:     "full_message true",
		frame:    with(`"full_message":true`),
		want:     m("m", "h", -1, "full_message", "true"),
		findings: "full_message altered: boolean is stored as text",
	},
	{
		name:  "_full_message alone",
		frame: with(`"_full_message":"x"`),
		want:  m("m", "h", -1, "full_message", "x"),
	},
	{
		name:     "_full_message and full_message",
		frame:    with(`"_full_message":"x","full_message":"y"`),
		want:     m("m", "h", -1, "full_message", "y"),
		findings: "_full_message dropped: the message has full_message already",
	},

	// Reserved names.
	{
		name:     "_source",
		frame:    with(`"_source":"x"`),
		want:     m("m", "h", -1),
		findings: "_source dropped: the message has source already",
	},
	{
		name:     "_message",
		frame:    with(`"_message":"x"`),
		want:     m("m", "h", -1),
		findings: "_message dropped: the message has message already",
	},
	{
		name:     "_host",
		frame:    with(`"_host":"x"`),
		want:     m("m", "h", -1),
		findings: "_host dropped: the name is reserved by GELF",
	},
	{
		name:     "_short_message",
		frame:    with(`"_short_message":"x"`),
		want:     m("m", "h", -1),
		findings: "_short_message dropped: the name is reserved by GELF",
	},
	{
		name:     "_streams",
		frame:    with(`"_streams":"x"`),
		want:     m("m", "h", -1),
		findings: "_streams dropped: Graylog sets streams itself",
	},
	{
		name:     "__id",
		frame:    with(`"__id":"x"`),
		want:     m("m", "h", -1),
		findings: "__id dropped: the name is reserved for the index",
	},
	{
		name:     "__type",
		frame:    with(`"__type":"x"`),
		want:     m("m", "h", -1),
		findings: "__type dropped: the name is reserved for the index",
	},
	{
		name:  "__routing",
		frame: with(`"__routing":"x"`),
		err:   `"__routing" has the name _routing, which is reserved for the index`,
	},
	{
		name:  "__version",
		frame: with(`"__version":"x"`),
		err:   "_version",
	},
	{
		name:  "__doc_count",
		frame: with(`"__doc_count":"x"`),
		err:   "_doc_count",
	},
	{
		name:  "__doc_count of a count",
		frame: with(`"__doc_count":5`),
		want:  m("m", "h", -1, "_doc_count", int64(5)),
	},
	{
		name:  "a reserved name with a dot",
		frame: with(`"_.id":"x"`),
		err:   `"_.id" has the name _id, which is reserved for the index`,
	},
	{
		name:  "an ordinary gl2_ name",
		frame: with(`"_gl2_x":"x"`),
		want:  m("m", "h", -1, "gl2_x", "x"),
	},
	{
		name:     "a gl2_ name that the server sets",
		frame:    with(`"_gl2_source_input":"x"`),
		want:     m("m", "h", -1),
		findings: "_gl2_source_input dropped: Graylog sets gl2_source_input itself",
	},
	{
		name:  "a gl2_ name that is an alias",
		frame: with(`"_gl2_second_sort_field":"x"`),
		err:   "is reserved by Graylog",
	},
	{
		name:  "a gl2_ name that is a time",
		frame: with(`"_gl2_original_timestamp":"x"`),
		err:   "is reserved by Graylog",
	},

	// Keys.
	{
		name:  "an empty key",
		frame: with(`"":"x"`),
		err:   `"" has an empty name`,
	},
	{
		name:  "a blank key",
		frame: with(`" ":"x"`),
		err:   `" " has an empty name`,
	},
	{
		name:     "other characters",
		frame:    with(`"_a b":1,"_ä":1,"_a/b":1,"_a\u0000":1`),
		want:     m("m", "h", -1, "a", int64(1)),
		findings: "_a b " + badKey + "\n_ä " + badKey + "\n_a/b " + badKey,
	},
	{
		name:  "all characters",
		frame: with(`"_aZ09_-@":1`),
		want:  m("m", "h", -1, "aZ09_-@", int64(1)),
	},
	{
		name:  "keys are trimmed",
		frame: with(`" a":1,"_ b":2,"_c\n":3," _d":4`),
		want:  m("m", "h", -1, "a", int64(1), "b", int64(2), "c", int64(3), "_d", int64(4)),
	},
	{
		name:  "a space hides a name that is taken",
		frame: with(`"level":3," level":4," source":"s"," message":"t"," full_message":"f"`),
		want:  m("t", "s", 4, "full_message", "f"),
	},
	{
		name:  "a space hides timestamp",
		frame: with(`" timestamp":"2020-01-01 00:00:00.000"`),
		want:  m("m", "h", -1, "timestamp", "2020-01-01 00:00:00.000"),
	},
	{
		name:     "a dot",
		frame:    with(`"_a.b":1`),
		want:     m("m", "h", -1, "a_b", int64(1)),
		findings: "_a.b renamed: dots become underscores: a_b",
	},
	{
		name:     "a dot, and its underscore",
		frame:    with(`"_a.b":1,"_a_b":2`),
		want:     m("m", "h", -1, "a_b", int64(2)),
		findings: "_a.b dropped: dots become underscores, and the message has a_b already",
	},
	{
		name:     "a dot becomes part of full_message",
		frame:    with(`"_full.message":"x"`),
		want:     m("m", "h", -1, "full_message", "x"),
		findings: "_full.message renamed: dots become underscores: full_message",
	},
	{
		name:     "the same key twice",
		frame:    with(`"_a":1,"_b":2,"_a":3`),
		want:     m("m", "h", -1, "a", int64(3), "b", int64(2)),
		findings: "_a dropped: a later value of the same key wins",
	},
	{
		name:     "the same name twice",
		frame:    with(`"a":1,"_a":2`),
		want:     m("m", "h", -1, "a", int64(1)),
		findings: "_a dropped: the message has a already",
	},
	{
		name:     "null does not take the name",
		frame:    with(`"_a":null,"a":2`),
		want:     m("m", "h", -1, "a", int64(2)),
		findings: "_a dropped: null is not stored",
	},
	{
		name:  "a key of 50,000 characters",
		frame: with(`"$50000":1`),
		want:  m("m", "h", -1, long("$50000"), int64(1)),
	},
	{
		name:  "a key too long",
		frame: with(`"$50001":1`),
		err:   "a key of more than 50000 characters",
	},
}
