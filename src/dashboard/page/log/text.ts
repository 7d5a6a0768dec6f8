// Bytes as text that can be shown and taken along.

import { withoutSequences } from './ansi'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

// What would act on the text around it: controls but the tab, and what turns the direction of writing or the line.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const harmful = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** As it is shown: controls as `^G`, which every font has, broken UTF-8 as U+FFFD. */
export function visibleText(bytes: Uint8Array): string {
  return decoder.decode(bytes).replaceAll(harmful, visibleControl)
}

/** As it is copied: without escape sequences, otherwise as it is. */
export function plainText(bytes: Uint8Array): string {
  return withoutSequences(decoder.decode(bytes))
}

function visibleControl(control: string): string {
  const code = control.charCodeAt(0)
  return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : '\ufffd'
}
