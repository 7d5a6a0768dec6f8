// Marks the words of a search in a text.

import { excerptOf, piecesOf } from './words'

export function Highlight({ text, search }: { text: string; search: string }) {
  return (
    <>
      {piecesOf(text, search).map(({ text, isFound }, index) =>
        isFound ? <mark key={index}>{text}</mark> : text,
      )}
    </>
  )
}

/** A fail reason in one or two lines, from shortly before the first found word on. */
export function ReasonExcerpt({ reason, search }: { reason: string; search: string }) {
  const line = reason.replaceAll(/\s+/g, ' ').trim()
  return (
    <span class="found-reason" title={line}>
      <Highlight text={excerptOf(line, search)} search={search} />
    </span>
  )
}
