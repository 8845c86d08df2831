// Splits a query in Graylog's language into clauses and joins them again, so that a
// click on a value can change the query.
"use strict";

// A query can be split if it consists of such clauses, joined by AND.
const ATOM = new RegExp([
  String.raw`(?:(?:NOT\s+|[-!])?`,
  String.raw`(?:(?:\\.|[^\s():"\\+!-])(?:\\.|[^\s():"\\])*:(?:[<>]=?)?)?`, // a field
  String.raw`(?:"(?:\\.|[^"\\])*"`, //  a phrase
  String.raw`|[[{](?:[^\]}"]|"[^"]*")*[\]}]`, // a range
  String.raw`|\((?:"(?:\\.|[^"\\])*"|\\.|[^()"\\])*\)`, // a group
  String.raw`|(?:\\.|[^\s():"\\[\]{}])+))`, // a word
].join(""), "y");
const AND = /\s+(?:AND|&&)\s+/y;

// parts returns the clauses of a query that are joined by AND, null if the query has
// another form.
export function parts(query) {
  const q = query.trim(), all = [];
  if (q === "") return all;
  for (let at = 0; ;) {
    ATOM.lastIndex = at;
    const atom = ATOM.exec(q);
    if (!atom || /^(AND|OR|NOT|&&|\|\|)$/.test(atom[0])) return null;
    all.push(atom[0]);
    at = ATOM.lastIndex;
    if (at === q.length) return all;
    AND.lastIndex = at;
    if (!AND.exec(q)) return null;
    at = AND.lastIndex;
  }
}

// escape puts a backslash before special characters.
const escape = (text) => text.replace(/[^\p{L}\p{N}_.@]/gu, (c) => "\\" + c);

// MOST is the longest value that fits into a query, which has up to 4,096 characters.
export const MOST = 1000;

const TEXTS = ["message", "full_message"]; // compared word by word

// is returns the clause for records with a value of a field. A line break, which an
// input field cannot contain, becomes a wildcard or the end of a word.
export function is(field, value) {
  const text = TEXTS.includes(field) ? String(value).replace(/\p{Cc}+/gu, " ") : String(value);
  const name = field.replace(/[^\p{L}\p{N}_.@-]|^-/gu, (c) => "\\" + c);
  if (typeof value === "number" || /^-?\d+(\.\d+)?$/.test(text)) return `${name}:${text}`;
  if (/\p{Cc}/u.test(text)) return `${name}:${text.split(/\p{Cc}/u).map(escape).join("?")}`;
  return `${name}:"${text.replace(/[\\"]/g, "\\$&")}"`;
}

// has returns the clause for records that have a field.
export const has = (field) => is("_exists_", field).replaceAll('"', "");

export const not = (part) => part.startsWith("NOT ") ? part.slice(4) : "NOT " + part;

// holds returns 1 if a query contains a clause, -1 if it contains the opposite, and
// else 0.
export function holds(query, part) {
  const all = parts(query) ?? [];
  return all.includes(part) ? 1 : all.includes(not(part)) ? -1 : 0;
}

// toggle adds a clause to a query and removes its opposite. If the query contains the
// clause, toggle removes it.
export function toggle(query, part) {
  const all = parts(query);
  if (all === null) return `(${query.trim()}) AND ${part}`;
  if (all.includes(part)) return all.filter((p) => p !== part).join(" AND ");
  return [...all.filter((p) => p !== not(part)), part].join(" AND ");
}

const TERM = /(NOT\s+|[-!])?(?:((?:\\.|[^\s():"\\])+):)?(?:"((?:\\.|[^"\\])*)"|((?:\\.|[^\s():"\\])+))/gu;
const LETTER = "[\\p{L}\\p{N}\\p{M}]", OTHER = "[^\\p{L}\\p{N}\\p{M}]";

// words returns a pattern of the words in messages that a query searches for, null if
// there are no such words.
export function words(query) {
  const all = [];
  for (const [, without, name, phrase, word] of query.matchAll(TERM)) {
    if (without || name && name !== "message" || /^(AND|OR|NOT|TO|&&|\|\||[[{].*|.*[\]}])$/.test(word)) continue;
    const text = phrase ?? word;
    const parts = text.replace(/\\(.)/gu, "$1")
      .match(phrase === undefined ? /[\p{L}\p{N}\p{M}*?]+/gu : /[\p{L}\p{N}\p{M}]+/gu) ?? [];
    if (parts.join("").replace(/[*?]/g, "") === "") continue;
    all.push(parts.map((p) => p.replaceAll("*", LETTER + "*").replaceAll("?", LETTER)).join(OTHER + "+"));
  }
  return all.length ? new RegExp(`(?<!${LETTER})(?:${all.join("|")})(?!${LETTER})`, "giu") : null;
}
