// Shows an answer of the server: the status line, the headers that matter, the body.

import { useMemo } from 'preact/hooks'
import { paths } from '../address'
import { formatBytes } from '../format'
import { addressOf } from './address'
import type { Answer } from './answer'
import { Json } from './json'
import { linksOf } from './links'
import type { ApiDocument } from './openapi'

const SHOWN_HEADERS = [
  'Allow',
  'Content-Type',
  'Content-Length',
  'Location',
  'ETag',
  'Last-Modified',
  'Accept-Ranges',
  'Retry-After',
]

interface Props {
  answer: Answer
  /** The Allow header of the answer to OPTIONS; other answers have none. */
  allow?: string | null
  document: ApiDocument | undefined
}

export function AnswerPanel({ answer, allow = null, document }: Props) {
  const { method, address, status, statusText, headers, milliseconds } = answer
  return (
    <section class="panel api-answer" aria-label={`Answer to ${method} ${address}`}>
      <div class="panel-head">
        <h2 class="mono">
          <span class="muted">{method} →</span>{' '}
          <span class={status < 400 ? 'api-status' : 'api-status api-status-failed'}>
            {status} {statusText}
          </span>
        </h2>
        <span class="muted numbers">{Math.round(milliseconds)} ms</span>
      </div>
      <dl class="api-headers mono">
        {SHOWN_HEADERS.map((name) => {
          const value = headers.get(name) ?? (name === 'Allow' ? allow : null)
          return value !== null && <Header key={name} name={name} value={value} />
        })}
      </dl>
      <div class="panel-body">
        <AnswerBody answer={answer} document={document} />
      </div>
    </section>
  )
}

function Header({ name, value }: { name: string; value: string }) {
  const to = addressOf(value, location.host)
  return (
    <div>
      <dt>{name}:</dt>
      <dd>{to ? <a href={paths.api(to)}>{value}</a> : value}</dd>
    </div>
  )
}

function AnswerBody({ answer, document }: { answer: Answer; document: ApiDocument | undefined }) {
  const { address, body, headers, method } = answer
  const findLink = useMemo(() => linksOf(document, address, location.host), [document, address])
  if (body.kind === 'none') return <p class="muted">The answer has no content.</p>
  if (body.kind === 'json')
    return <Json key={`${method} ${address}`} value={body.value} findLink={findLink} />
  const length = headers.get('content-length')
  const whole = (
    <a href={address} target="_blank" rel="noreferrer">
      {length === null ? 'The whole' : `All ${formatBytes(Number(length))}`}
    </a>
  )
  if (body.kind === 'binary') {
    return <p class="muted">This is no text. {whole} can be downloaded.</p>
  }
  return (
    <>
      <pre class="api-text">{body.text}</pre>
      {!body.isWhole && <p class="muted">This is the beginning. {whole} opens in a tab of its own.</p>}
    </>
  )
}
