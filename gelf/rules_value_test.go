package gelf

import "math"

// valueRules covers values and JSON.
var valueRules = []rule{
	// Values.
	{
		name:     "booleans",
		frame:    with(`"_a":true,"_b":false`),
		want:     m("m", "h", -1),
		findings: "_a dropped: boolean is not stored\n_b dropped: boolean is not stored",
	},
	{
		name:     "texts are trimmed",
		frame:    with(`"_a":"\u0000 x\t"`),
		want:     m("m", "h", -1, "a", "x"),
		findings: "_a " + trimmed,
	},
	{
		name:     "blank texts",
		frame:    with(`"_a":"","_b":"\u001f "`),
		want:     m("m", "h", -1),
		findings: "_a " + blank + "\n_b " + blank,
	},
	{
		name:  "an ideographic space is a text",
		frame: with(`"_a":"　"`),
		want:  m("m", "h", -1, "a", "　"),
	},
	{
		name:  "escapes",
		frame: with(`"_a":"\"\\\/\b\f\n\r\tx\u00e9\uD83D\uDE00"`),
		want:  m("m", "h", -1, "a", "\"\\/\b\f\n\r\txé😀"),
	},
	{
		name:  "a lone surrogate",
		frame: with(`"_a":"\ud83dx\ude00","_b":"\ud83d\ud83d\ude00"`),
		want:  m("m", "h", -1, "a", "?x?", "b", "?😀"),
	},
	{
		name:  "raw control characters",
		frame: with("\"_a\":\"x\x01\n\ty\""),
		want:  m("m", "h", -1, "a", "x\x01\n\ty"),
	},
	{
		name:  "64 bits",
		frame: with(`"_a":9223372036854775807,"_b":-9223372036854775808`),
		want:  m("m", "h", -1, "a", int64(math.MaxInt64), "b", int64(math.MinInt64)),
	},
	{
		name:  "more than 64 bits",
		frame: with(`"_a":18446744073709551615,"_b":1180591620717411303424`),
		want:  m("m", "h", -1, "a", int64(-1), "b", int64(0)),
		findings: "_a altered: only the lowest 64 bits of an integer are kept\n" +
			"_b altered: only the lowest 64 bits of an integer are kept",
	},
	{
		name:  "the largest float",
		frame: with(`"_a":3.4028235e38`),
		want:  m("m", "h", -1, "a", 3.4028235e38),
	},
	{
		name:  "a larger float",
		frame: with(`"_a":3.5e38`),
		err:   `"_a" is beyond the range of a float`,
	},
	{
		name:  "an infinite float",
		frame: with(`"_a":-1e400`),
		want:  m("m", "h", -1, "a", "-Infinity"),
		findings: "_a altered: a number beyond the range of a double is stored as text; " +
			"if the field is a number in the index, the message is lost",
	},
	{
		name:  "a text of the limit's length",
		frame: with(`"_a":"$32766"`),
		want:  m("m", "h", -1, "a", long("$32766")),
	},
	{
		name:  "a text too long",
		frame: with(`"_a":"$32767"`),
		err:   `"_a" has 32767 bytes; the index accepts at most 32766`,
	},
	{
		name:     "the limit applies after trimming",
		frame:    with(`"_a":"$32766  "`),
		want:     m("m", "h", -1, "a", long("$32766")),
		findings: "_a " + trimmed,
	},
	{
		name:  "an array too long",
		frame: with(`"_a":["$32763"]`),
		err:   `"_a" has 32767 bytes`,
	},

	// Objects and arrays.
	{
		name:     "an object",
		frame:    with(`"_a": { "x" : [ 1 , true , null , "y" , { } ] , }`),
		want:     m("m", "h", -1, "a", `{"x":[1,true,null,"y",{}]}`),
		findings: "_a altered: object is stored as JSON text",
	},
	{
		name:     "an array",
		frame:    with(`"_a":[[],1,]`),
		want:     m("m", "h", -1, "a", `[[],1]`),
		findings: "_a altered: array is stored as JSON text",
	},
	{
		name: "numbers inside",
		frame: with(`"_a":[1.0,1e10,1e-5,1e7,123456.789,0.001,-0.0,-0,4.9e-324,2e23,5E-324,1e400,` +
			`18446744073709551616]`),
		want: m("m", "h", -1, "a", `[1.0,1.0E10,1.0E-5,1.0E7,123456.789,0.001,-0.0,0,4.9E-324,2.0E23,4.9E-324,`+
			`"Infinity",18446744073709551616]`),
		findings: "_a altered: array is stored as JSON text",
	},
	{
		name:     "texts inside",
		frame:    with(`"_a":["\u0001\u001f\n\t\b\f\r\"\\\/é<>&\u007f\ud83d"]`),
		want:     m("m", "h", -1, "a", `["\u0001\u001F\n\t\b\f\r\"\\/é<>&`+"\x7f"+`?"]`),
		findings: "_a altered: array is stored as JSON text",
	},
	{
		name:     "keys inside, twice",
		frame:    with(`"_a":{"x":1,"y":{"z":1,"z":2},"x":3}`),
		want:     m("m", "h", -1, "a", `{"x":3,"y":{"z":2}}`),
		findings: "_a altered: object is stored as JSON text",
	},
	{
		name:     "keys inside that become equal",
		frame:    with(`"_a":{"\ud83d":1,"?":2}`),
		want:     m("m", "h", -1, "a", `{"?":1,"?":2}`),
		findings: "_a altered: object is stored as JSON text",
	},

	// JSON that Graylog accepts, and JSON that it rejects.
	{
		name:  "white space",
		frame: " \t\r\n{ \"host\" : \"h\" , \"short_message\" : \"m\" } \n",
		want:  m("m", "h", -1),
	},
	{
		name:  "a trailing comma",
		frame: `{"host":"h","short_message":"m",}`,
		want:  m("m", "h", -1),
	},
	{
		name:  "two trailing commas",
		frame: `{"host":"h","short_message":"m",,}`,
		err:   `not JSON at byte 32: unexpected ',', want a key`,
	},
	{
		name:  "a leading comma",
		frame: `{,"host":"h"}`,
		err:   `not JSON at byte 1: unexpected ',', want a key`,
	},
	{
		name:  "another object after the object",
		frame: `{"host":"h","short_message":"m"}{"host"`,
		want:  m("m", "h", -1),
	},
	{
		name:  "a number after the object",
		frame: `{"host":"h","short_message":"m"} 5 ]`,
		want:  m("m", "h", -1),
	},
	{
		name:  "an unterminated text after the object",
		frame: `{"host":"h","short_message":"m"}"abc`,
		want:  m("m", "h", -1),
	},
	{
		name:  "a word after the object",
		frame: `{"host":"h","short_message":"m"} xyz`,
		err:   `not JSON at byte 33: unexpected 'x', want a value`,
	},
	{
		name:  "a brace after the object",
		frame: `{"host":"h","short_message":"m"}}`,
		err:   `not JSON at byte 32: unexpected '}', want a value`,
	},
	{
		name:  "a number and a comma after the object",
		frame: `{"host":"h","short_message":"m"}5,`,
		err:   `not JSON at byte 33: unexpected ',', want white space`,
	},
	{
		name:  "an unterminated object",
		frame: `{"host":"h"`,
		err:   "not JSON at byte 11: unexpected end, want a comma or the end of the object",
	},
	{
		name:  "an unterminated text",
		frame: `{"host":"h`,
		err:   "not JSON at byte 8: unterminated string",
	},
	{
		name:  "unknown escape",
		frame: with(`"_a":"\x"`),
		err:   "unknown escape",
	},
	{
		name:  "a short escape",
		frame: with(`"_a":"\u12"`),
		err:   `\u without four hexadecimal digits`,
	},
	{
		name:  "NaN",
		frame: with(`"_a":NaN`),
		err:   `unexpected 'N', want a value`,
	},
	{
		name:  "-Infinity",
		frame: with(`"_a":-Infinity`),
		err:   `unexpected 'I', want a digit`,
	},
	{
		name:  "a leading zero",
		frame: with(`"_a":01`),
		err:   "number with a leading zero",
	},
	{
		name:  "a leading plus",
		frame: with(`"_a":+1`),
		err:   `unexpected '+', want a value`,
	},
	{
		name:  "a point without digits",
		frame: with(`"_a":1.`),
		err:   `unexpected '}', want a digit`,
	},
	{
		name:  "an exponent without digits",
		frame: with(`"_a":1e+`),
		err:   `unexpected '}', want a digit`,
	},
	{
		name:  "a word",
		frame: with(`"_a":truex`),
		err:   `unexpected 't', want a value`,
	},
	{
		name:  "no value",
		frame: with(`"_a":`),
		err:   `unexpected '}', want a value`,
	},
	{
		name:  "no element",
		frame: with(`"_a":[1,,2]`),
		err:   `unexpected ',', want a value`,
	},
	{
		name:  "single quotes",
		frame: `{'host':'h'}`,
		err:   `unexpected '\'', want a key`,
	},
	{
		name:  "an array instead of an object",
		frame: `[{"host":"h","short_message":"m"}]`,
		err:   `unexpected '[', want an object`,
	},
	{
		name:  "a byte order mark",
		frame: "\ufeff{}",
		err:   "want an object",
	},
	{
		name:  "too short",
		frame: `{`,
		err:   "the frame has 1 bytes",
	},
	{
		name:  "an empty frame",
		frame: ``,
		err:   "the frame has 0 bytes",
	},
}
