// The number of a row, as a URL names it.

import { NotFound } from '../../lib/errors'

/** @throws NotFound when the text is no such number: then no row has it. */
export function rowIdOf(text: string | undefined): number {
  if (!/^[1-9]\d{0,14}$/.test(text ?? '')) throw new NotFound()
  return Number(text)
}
