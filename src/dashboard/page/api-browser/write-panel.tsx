// The panel that sends requests to an address, with one form for each method.

import { useState } from 'preact/hooks'
import { paths } from '../address'
import { ApiError, failureOf } from '../api'
import { canWrite } from '../session'
import { type Answer, fetchAnswer } from './answer'
import { FileForm } from './file-form'
import { NoBodyForm } from './no-body-form'
import type { Operation } from './openapi'
import { Prose } from './prose'
import type { SendProps } from './send-props'
import { WriteForm } from './write-form'

interface Props {
  /** The methods of the address among POST, PUT and PATCH. */
  methods: string[]
  /** Keys: methods in lower case. */
  operations: Record<string, Operation>
  /** The address of the API. */
  address: string
  /** The current values at the address. */
  present: Record<string, unknown> | undefined
  onAnswer: (answer: Answer) => void
}

export function WritePanel({ methods, operations, address, present, onAnswer }: Props) {
  const [chosen, choose] = useState<string>()
  const [failure, setFailure] = useState<ApiError>()
  const [isSending, setIsSending] = useState(false)
  const method = methods.find((name) => name === chosen) ?? methods[0]
  const operation = method && operations[method.toLowerCase()]
  if (!method || !operation) return null

  const send: SendProps['send'] = async (body, contentType) => {
    setFailure(undefined)
    setIsSending(true)
    try {
      const answer = await fetchAnswer(method, address, {
        ...(body !== undefined && { body }),
        ...(contentType !== undefined && { headers: { 'content-type': contentType } }),
      })
      const { status } = answer
      if (status >= 400) {
        setFailure(failureOf(status, answer.body.kind === 'json' ? answer.body.value : undefined))
      }
      onAnswer(answer)
      return status < 400
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, String(error)))
      return false
    } finally {
      setIsSending(false)
    }
  }

  // Without GET, the view already shows the texts of the writing operation above.
  const about = operations.get ? operation : {}
  const schema = operation.requestBody?.content['application/json']?.schema
  const form = { method, send, failure }
  return (
    <section class="panel" aria-labelledby="write-title">
      <div class="panel-head">
        <h2 id="write-title">{about.summary ?? method}</h2>
        {methods.length > 1 && (
          <div class="choices">
            {methods.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === method}
                onClick={() => {
                  choose(name)
                  setFailure(undefined)
                }}
              >
                {name}
              </button>
            ))}
          </div>
        )}
      </div>
      <div class="panel-body api-write">
        {about.description && (
          <p class="muted">
            <Prose text={about.description} />
          </p>
        )}
        {!canWrite.value && (
          <p>
            To send this, <a href={`${paths.signIn}?to=${encodeURIComponent(paths.api(address))}`}>sign in</a>
            .
          </p>
        )}
        <fieldset disabled={!canWrite.value || isSending}>
          {!operation.requestBody ? (
            <NoBodyForm {...form} />
          ) : schema ? (
            <WriteForm
              key={`${method} ${address}`}
              {...form}
              address={address}
              schema={schema}
              present={method === 'POST' ? undefined : present}
            />
          ) : (
            <FileForm key={address} {...form} />
          )}
        </fieldset>
      </div>
    </section>
  )
}
