/** Text inside an XML element. What XML 1.0 cannot hold at all is replaced by U+FFFD, never sent. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const special = /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]/;
const specials = new RegExp(special, 'gu');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A bare carriage return would reach the reader as a line feed.
  '\r': '&#xD;',
};

export function escapeXml(text: string): string {
  return special.test(text) ? text.toWellFormed().replace(specials, replace) : text;
}

/** U+007F to U+009F are allowed but discouraged; as references they survive every parser. */
function replace(character: string): string {
  const code = character.charCodeAt(0);
  return (
    entities[character] ??
    (code >= 0x7f && code <= 0x9f ? `&#x${code.toString(16).toUpperCase()};` : '\ufffd')
  );
}
