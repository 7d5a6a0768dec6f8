// The token that ResultsDB's client may carry in the body, found before the body is read as a whole.

/** The name of the field. */
export const TOKEN_FIELD = '_auth_token'

/**
 * Looks for the token in the beginning of a body: JSON, or a form. Of a repeated one the last counts.
 *
 * @param head  the beginning, which may be cut anywhere.
 * @param isWhole  nothing comes behind it.
 */
export function tokenIn(head: Uint8Array, mediaType: string, isWhole: boolean): string | undefined {
  const text = new TextDecoder().decode(head)
  if (mediaType === 'application/json') return tokenInJson(text)
  if (mediaType !== 'application/x-www-form-urlencoded') return undefined
  const complete = isWhole ? text : text.slice(0, Math.max(0, text.lastIndexOf('&')))
  return new URLSearchParams(complete).getAll(TOKEN_FIELD).at(-1)
}

/** Goes through the text once, from string to string: only names of the outermost object count. */
function tokenInJson(text: string): string | undefined {
  let depth = 0
  let found: string | undefined
  let name: string | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    else if (character === ',') name = undefined
    if (character !== '"') continue
    const end = endOfString(text, at)
    if (end < 0) return found
    const value = stringOf(text.slice(at, end + 1))
    if (depth === 1) {
      if (name === TOKEN_FIELD) found = value
      name ??= value
    }
    at = end
  }
  return found
}

/** Where the quote stands that ends the string beginning at `start`; -1: it is cut off. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return -1
}

function stringOf(json: string): string | undefined {
  try {
    return JSON.parse(json) as string
  } catch {
    return undefined
  }
}
