// Package censor removes secrets and personal data from log records before they leave
// the process. It hides the values of keys, such as password, and texts under any key,
// such as e-mail addresses. Each hidden value or text becomes [Mark].
//
// Most programs only list keys and patterns in the configuration of the handler:
//
//	handler.Config{
//		Censor:       []string{"password", "*_token"},
//		CensorValues: []censor.Pattern{censor.Bearer, censor.Email},
//	}
//
// [New] returns the same rules for other uses, such as a second handler.
//
// # Keys
//
// A key rule hides values of every type: a string, a number, a group, a map, a struct
// or JSON. Rules compare only letters and digits and ignore case, so "api_key" also
// hides apiKey, API-Key and "api key".
//
//	password     the key password: Password, PASS-WORD, and password.old, which is
//	             below password
//	db.password  the key password in a group, map or struct db, at any depth, and the
//	             keys "db.password" and db_password
//	*_token      a pattern, in which * matches any text. A separator next to the star
//	             requires some text there: access_token and AccessToken, not token
//	=Password    exactly this key, or a key that is stored under the same name:
//	             Password and _Password, not password
//
// A dot, slash, colon or opening bracket in a key separates segments. A rule matches
// whole segments of the path of groups and keys: it begins at any segment and ends at a
// segment of the last key.
//
// A rule must not hide a field that every record needs, such as message, level or
// logger; see [Required].
//
// # Texts
//
// A [Pattern] finds texts in the message, in attributes, and in strings inside maps,
// structs and JSON. [Bearer], [Basic], [JWT], [URL], [Email], [IBAN] and [Card] are
// ready-made; [Regexp] makes a pattern from a regular expression. A pattern hides only
// the secret: of "Authorization: Bearer x", the x.
package censor
