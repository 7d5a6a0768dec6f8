// Reads the id of a row from a URL.

import { NotFound } from '../../lib/errors'

/** @throws NotFound when the text is no valid id, because then no row has it. */
export function rowIdOf(text: string | undefined): number {
  if (!/^[1-9]\d{0,14}$/.test(text ?? '')) throw new NotFound()
  return Number(text)
}
