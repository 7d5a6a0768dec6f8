// Decodes the bytes of a log to text that can be shown or copied.

import { withoutSequences } from './ansi'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

// Characters that change the text around them: controls except the tab, line separators, and marks of direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: this searches for control characters
const harmful = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** Text to show: a control becomes `^G`, which every font has, and broken UTF-8 becomes U+FFFD. */
export function visibleText(bytes: Uint8Array): string {
  return decoder.decode(bytes).replaceAll(harmful, visibleControl)
}

/** Text to copy: unchanged except that escape sequences are removed. */
export function plainText(bytes: Uint8Array): string {
  return withoutSequences(decoder.decode(bytes))
}

function visibleControl(control: string): string {
  const code = control.charCodeAt(0)
  return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : '\ufffd'
}
