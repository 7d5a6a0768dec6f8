// The marked lines in the address: `120` or `120-140`.

export interface LineRange {
  first: number
  last: number
}

/** @returns undefined for text that names no lines. */
export function parseLines(text: string | undefined): LineRange | undefined {
  const [, from, to] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text ?? '') ?? []
  if (from === undefined) return undefined
  return lineRange(Number(from), Number(to ?? from))
}

/** The lines between two lines in any order. @returns undefined for a line below 1. */
export function lineRange(one: number, other: number): LineRange | undefined {
  const first = Math.min(one, other)
  return first < 1 ? undefined : { first, last: Math.max(one, other) }
}

export function formatLines({ first, last }: LineRange): string {
  return first === last ? `${first}` : `${first}-${last}`
}
