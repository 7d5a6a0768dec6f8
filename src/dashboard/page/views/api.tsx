// The API browser: shows the answer of any address of the API, and sends requests to it. The address of the API follows
// /dashboard/api.

import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { apiAddressOf, paths } from '../address'
import { parentOf } from '../api-browser/address'
import { AddressBar } from '../api-browser/address-bar'
import { type Answer, useAnswers, writingMethods } from '../api-browser/answer'
import { AnswerPanel } from '../api-browser/answer-panel'
import { Contents } from '../api-browser/contents'
import { Crumbs } from '../api-browser/crumbs'
import { DeleteButton } from '../api-browser/delete-button'
import { type ApiDocument, operationsOf, queryParametersOf } from '../api-browser/openapi'
import { isListPage, Paging } from '../api-browser/paging'
import { Parameters } from '../api-browser/parameters'
import { Prose } from '../api-browser/prose'
import { WritePanel } from '../api-browser/write-panel'
import { ErrorNotice } from '../parts/notice'
import { useResource } from '../resource'
import { loadSession } from '../session'
import { useTitle } from '../title'

/** The id of the column with the forms. On a phone a link leads there, because it is far below. */
const SIDE = 'api-side'

export function ApiBrowser() {
  const { url, route } = useLocation()
  const address = apiAddressOf(url)
  const go = (to: string, replace?: boolean) => route(paths.api(to), replace)
  const { data: document } = useResource<ApiDocument>('/swagger/json')
  const { answers, error, reload } = useAnswers(address)
  // While another address loads, everything still belongs to the previous one, so that nothing jumps or is mixed up.
  const shown = answers?.address ?? address
  const isBusy = shown !== address
  /** The address whose answer to OPTIONS is shown. */
  const [optionsOf, setOptionsOf] = useState<string>()
  /** The answer to the last write, and the address at which it is shown. */
  const [sent, setSent] = useState<{ answer: Answer; at: string }>()

  const operations = operationsOf(document, shown)
  const { summary, description } = operations.get ?? Object.values(operations)[0] ?? {}
  useTitle(summary ? `${summary}, API` : 'API')

  const methods = answers ? writingMethods(answers.options) : []
  const bodyMethods = methods.filter((method) => method !== 'DELETE')
  const body = answers?.get.body
  const value = body?.kind === 'json' ? body.value : undefined
  const parameters = queryParametersOf(operations.get ?? operations.post)
  const last = sent?.at === shown ? sent.answer : undefined

  const afterWrite = (answer: Answer) => {
    setSent({ answer, at: shown })
    if (answer.status >= 400) return
    // The request may have signed the reader in or out.
    if (shown.startsWith('/auth/')) loadSession().catch(() => {})
    reload()
  }
  const afterDelete = (answer: Answer) => {
    const isDone = answer.status < 400
    const at = isDone ? parentOf(shown) : shown
    setSent({ answer, at })
    if (isDone) go(at, true)
  }

  return (
    <>
      <Crumbs address={shown} document={document} />
      <div class="view-head api-head">
        <h1>{summary ?? (document ? 'No address of the API' : 'API')}</h1>
        <div class="api-tools">
          <a class="button" href={shown} target="_blank" rel="noreferrer">
            {body?.kind === 'text' || body?.kind === 'binary' ? 'Open' : 'JSON'}
          </a>
          <a class="button" href="/swagger" target="_blank" rel="noreferrer">
            Swagger
          </a>
          {bodyMethods.length > 0 && (
            <a class="button api-to-form" href={`#${SIDE}`}>
              {bodyMethods.join(', ')}
            </a>
          )}
          {methods.includes('DELETE') && <DeleteButton address={shown} onAnswer={afterDelete} />}
        </div>
      </div>
      {description && (
        <p class="muted">
          <Prose text={description} />
        </p>
      )}
      <AddressBar
        key={address}
        address={address}
        go={(to) => {
          setOptionsOf(undefined)
          if (to === address) reload()
          else go(to)
        }}
        showOptions={() => setOptionsOf(address)}
      />
      {error && <ErrorNotice error={error} retry={reload} />}
      <div class="api-columns" aria-busy={isBusy || (!answers && !error)} inert={isBusy}>
        <div class="api-column">
          {parameters.length > 0 && <Parameters parameters={parameters} address={shown} go={go} />}
          {isListPage(value) && <Paging list={value} address={shown} go={go} />}
          {answers ? (
            <AnswerPanel
              answer={optionsOf === shown ? answers.options : answers.get}
              allow={answers.options.headers.get('allow')}
              document={document}
            />
          ) : (
            !error && <output class="loading api-loading" aria-label="Loading" />
          )}
        </div>
        {(shown === '/' || bodyMethods.length > 0 || last) && (
          <div class="api-column" id={SIDE}>
            {shown === '/' && document && <Contents document={document} />}
            <WritePanel
              key={shown}
              methods={bodyMethods}
              operations={operations}
              address={shown}
              present={isObject(value) ? value : undefined}
              onAnswer={afterWrite}
            />
            {last && <AnswerPanel answer={last} document={document} />}
          </div>
        )}
      </div>
      <p class="visually-hidden" role="status">
        {last && `${last.method} was answered with ${last.status} ${last.statusText}`}
      </p>
    </>
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
