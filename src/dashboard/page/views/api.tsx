// The API browser: any address of the API as its address has it below /dashboard/api, what it answers, and what can
// be sent to it.

import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { paths } from '../address'
import { apiAddressOf, crumbsOf, curlOf, parentOf, typedAddress } from '../api-browser/address'
import { type Answer, useAnswers, writingMethods } from '../api-browser/answer'
import { AnswerPanel } from '../api-browser/answer-panel'
import { Contents } from '../api-browser/contents'
import { DeleteButton } from '../api-browser/delete-button'
import { type ApiDocument, queryParametersOf, templateOf } from '../api-browser/openapi'
import { isListPage, Paging } from '../api-browser/paging'
import { Parameters } from '../api-browser/parameters'
import { Prose } from '../api-browser/prose'
import { WritePanel } from '../api-browser/write-panel'
import { CopyButton } from '../parts/copy'
import { Failure } from '../parts/notice'
import { useResource } from '../resource'
import { user } from '../session'
import { useTitle } from '../title'

/** The column with the forms: on a phone it is far below. */
const SIDE = 'api-side'

export function ApiBrowser() {
  const { url, route } = useLocation()
  const address = apiAddressOf(url)
  const go = (to: string, replace = false) => route(paths.api(to), replace)
  const { data: document } = useResource<ApiDocument>('/swagger/json')
  const { answers, error, isFresh, reload } = useAnswers(address)
  /** Where one asked for the answer to OPTIONS. */
  const [optionsOf, setOptionsOf] = useState<string>()
  /** What was sent last, and the address at which its answer is shown. */
  const [sent, setSent] = useState<{ answer: Answer; at: string }>()

  const template = document && templateOf(document, address)
  const operations = (template && document?.paths[template]) || {}
  const { summary, description } = operations.get ?? Object.values(operations)[0] ?? {}
  const title = summary ?? (document ? 'No address of the API' : '')
  useTitle(summary ? `${summary}, API` : 'API')

  const methods = answers && isFresh ? writingMethods(answers.options) : []
  const bodyMethods = methods.filter((method) => method !== 'DELETE')
  const value = answers?.get.body.kind === 'json' ? answers.get.body.value : undefined
  const parameters = queryParametersOf(operations.get ?? operations.post)
  const last = sent?.at === address ? sent.answer : undefined

  const afterWrite = (answer: Answer) => {
    setSent({ answer, at: address })
    if (answer.status < 400) reload()
  }
  const afterDelete = (answer: Answer) => {
    if (answer.status >= 400) return setSent({ answer, at: address })
    const parent = parentOf(address)
    setSent({ answer, at: parent })
    go(parent, true)
  }

  return (
    <>
      <Crumbs address={address} document={document} />
      <div class="view-head api-head">
        <h1>{title}&nbsp;</h1>
        <div class="api-tools">
          <a class="button" href={address} target="_blank" rel="noreferrer">
            JSON
          </a>
          <a class="button" href="/swagger" target="_blank" rel="noreferrer">
            Swagger
          </a>
          {bodyMethods.length > 0 && (
            <a class="button api-to-form" href={`#${SIDE}`}>
              {bodyMethods.join(', ')}
            </a>
          )}
          {methods.includes('DELETE') && <DeleteButton address={address} onAnswer={afterDelete} />}
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
      <div class="api-columns">
        <div class="api-column" aria-busy={!isFresh}>
          {parameters.length > 0 && <Parameters parameters={parameters} address={address} go={go} />}
          {isListPage(value) && answers && (
            <Paging list={value} address={answers.address} route={(href) => route(href)} />
          )}
          {error && <Failure error={error} retry={reload} />}
          {answers ? (
            <AnswerPanel
              answer={optionsOf === address ? answers.options : answers.get}
              allow={answers.options.headers.get('allow')}
              document={document}
            />
          ) : (
            !error && <output class="loading api-loading" aria-label="Loading" />
          )}
        </div>
        {(address === '/' || methods.length > 0 || last) && (
          <div class="api-column" id={SIDE}>
            {address === '/' && document && <Contents document={document} />}
            <WritePanel
              methods={bodyMethods}
              operations={operations}
              address={address}
              present={isObject(value) ? value : undefined}
              onAnswer={afterWrite}
            />
            {last && <AnswerPanel answer={last} document={document} />}
          </div>
        )}
      </div>
      <p class="unseen" role="status">
        {last && `${last.method} was answered with ${last.status} ${last.statusText}`}
      </p>
    </>
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @param document  tells which steps are addresses of the API themselves. */
function Crumbs({ address, document }: { address: string; document: ApiDocument | undefined }) {
  const crumbs = crumbsOf(address)
  return (
    <nav aria-label="Breadcrumbs">
      <ol class="crumbs">
        {crumbs.map((crumb, index) => (
          <li key={crumb.address}>
            {!document || templateOf(document, crumb.address) ? (
              <a
                href={paths.api(crumb.address)}
                aria-current={index === crumbs.length - 1 ? 'page' : undefined}
              >
                {crumb.name}
              </a>
            ) : (
              crumb.name
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

interface AddressBarProps {
  address: string
  go: (address: string) => void
  showOptions: () => void
}

function AddressBar({ address, go, showOptions }: AddressBarProps) {
  const [text, setText] = useState(address)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    go(typedAddress(text, location.origin))
  }
  return (
    <form class="api-address" onSubmit={submit}>
      {/* A search field, so that / leads here. */}
      <input
        type="search"
        class="mono"
        aria-label="Address"
        value={text}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="primary">
        GET
      </button>
      <button type="button" onClick={showOptions}>
        OPTIONS
      </button>
      <CopyButton
        label="Copy as curl"
        text={curlOf({ method: 'GET', url: location.origin + address, user: user.value?.username })}
      />
    </form>
  )
}
