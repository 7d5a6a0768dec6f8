// Shows JSON indented, coloured and with links. Text copied from it is valid JSON.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { paths } from '../address'
import { formatCount } from '../format'
import { type Content, type Line, linesOf, type Rest, type Scalar, type Shown } from './lines'
import type { FindLink } from './links'

/** This many lines are drawn at once; the next ones when the reader scrolls near the end. */
const LINES_AT_ONCE = 800

export function Json({ value, findLink }: { value: unknown; findLink: FindLink }) {
  const [shown, setShown] = useState<Shown>(new Map())
  const [drawn, setDrawn] = useState(LINES_AT_ONCE)
  const lines = useMemo(() => linesOf(value, shown, findLink), [value, shown, findLink])
  const show = ({ pointer, next }: Rest) => setShown(new Map(shown).set(pointer, next))
  return (
    <>
      <pre class="json">
        {lines.slice(0, drawn).map((line, index) => (
          <JsonLine key={index} line={line} show={show} />
        ))}
      </pre>
      {drawn < lines.length && <MoreLines key={drawn} draw={() => setDrawn(drawn + LINES_AT_ONCE)} />}
    </>
  )
}

/** Draws more lines when it comes near the window, or on a click. */
function MoreLines({ draw }: { draw: () => void }) {
  const end = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!end.current) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) draw()
      },
      { rootMargin: '600px' },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [])
  return (
    <button ref={end} type="button" class="json-rest" onClick={draw}>
      Further lines
    </button>
  )
}

function JsonLine({ line, show }: { line: Line; show: (rest: Rest) => void }) {
  const { depth, key, content, comma } = line
  return (
    <span class="json-line" style={{ '--depth': depth }}>
      {'  '.repeat(depth)}
      {key !== undefined && (
        <>
          <span class="json-key">{JSON.stringify(key)}</span>
          {': '}
        </>
      )}
      <LineContent content={content} show={show} />
      {comma && ','}
      {'\n'}
    </span>
  )
}

function LineContent({ content, show }: { content: Content; show: (rest: Rest) => void }) {
  if (content.kind === 'bracket') return <>{content.text}</>
  if (content.kind === 'rest') return <More rest={content.rest} noun="more" show={show} />
  const { value, to, rest } = content
  const text = JSON.stringify(value)
  return (
    <>
      <span class={`json-${jsonTypeOf(value)}`}>
        {to === undefined ? text : <a href={paths.api(to)}>{text}</a>}
      </span>
      {rest && <More rest={rest} noun="more characters" show={show} />}
    </>
  )
}

function More({ rest, noun, show }: { rest: Rest; noun: string; show: (rest: Rest) => void }) {
  return (
    <button type="button" class="json-rest" onClick={() => show(rest)}>
      … {formatCount(rest.count)} {noun}
    </button>
  )
}

function jsonTypeOf(value: Scalar): string {
  return value === null ? 'null' : typeof value
}
