// The form for a JSON body: field by field, or as raw JSON. Switching between the two converts the content.

import { useMemo, useState } from 'preact/hooks'
import { CopyButton } from '../parts/copy'
import { ErrorNotice } from '../parts/notice'
import { user } from '../session'
import { curlOf } from './address'
import { bodyOf, type Entries, type Entry, entriesOf, fieldsOf, jsonFault } from './fields'
import { FormField } from './form-field'
import type { Schema } from './openapi'
import type { SendProps } from './send-props'

interface Props extends SendProps {
  address: string
  schema: Schema
  /** The current values, for a change. */
  present: Record<string, unknown> | undefined
}

const JSON_TYPE = 'application/json'

export function WriteForm({ method, send, failure, address, schema, present }: Props) {
  const fields = useMemo(() => fieldsOf(schema), [schema])
  const before = useMemo(() => entriesOf(fields, present), [fields, present])
  /** Only the fields that the reader has edited; the others follow the values on the server. */
  const [written, setWritten] = useState<Entries>({})
  const [raw, setRaw] = useState(fields.length === 0 ? '{}' : undefined)
  const [faults, setFaults] = useState<Record<string, string>>({})
  const entries = { ...before, ...written }
  const filled = () => bodyOf(fields, entries, before, method === 'PATCH')
  const errors = { ...failure?.fields, ...faults }
  const blamed = Object.keys(failure?.fields ?? {})
  /** Whether every error of the server is shown at its field. Other errors are shown below the form. */
  const isShownAtFields =
    raw === undefined && blamed.length > 0 && blamed.every((name) => Object.hasOwn(before, name))

  const change = (name: string, entry: Entry) => setWritten({ ...written, [name]: entry })
  const toRaw = () => {
    const { body, errors } = filled()
    setFaults(errors)
    if (Object.keys(errors).length === 0) setRaw(JSON.stringify(body, null, 2))
  }
  const toForm = () => {
    try {
      setWritten(entriesOf(fields, { ...present, ...JSON.parse(raw ?? '{}') }))
      setFaults({})
      setRaw(undefined)
    } catch (error) {
      setFaults({ '': jsonFault(error) })
    }
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const { body, errors } = raw === undefined ? filled() : { body: undefined, errors: {} }
    setFaults(errors)
    if (Object.keys(errors).length > 0) return
    if (!(await send(raw ?? JSON.stringify(body), JSON_TYPE))) return
    setWritten({})
    if (raw !== undefined && fields.length > 0) setRaw(undefined)
  }

  return (
    <form class="api-form" onSubmit={submit} noValidate>
      {fields.length > 0 && (
        <div class="choices">
          <button
            type="button"
            aria-pressed={raw === undefined}
            onClick={raw === undefined ? undefined : toForm}
          >
            Form
          </button>
          <button
            type="button"
            aria-pressed={raw !== undefined}
            onClick={raw === undefined ? toRaw : undefined}
          >
            JSON
          </button>
        </div>
      )}
      {raw === undefined ? (
        fields.map((field) => (
          <FormField
            key={field.name}
            field={field}
            entry={entries[field.name] ?? { text: '', isNull: false }}
            error={errors[field.name]}
            change={(entry) => change(field.name, entry)}
          />
        ))
      ) : (
        <RawField text={raw} error={faults['']} change={setRaw} />
      )}
      {failure && !isShownAtFields && <ErrorNotice error={failure} />}
      <div class="api-send">
        <button type="submit" class="primary">
          {method}
        </button>
        <CopyButton
          label="Copy as curl"
          text={curlOf({
            method,
            url: location.origin + address,
            body: raw ?? JSON.stringify(filled().body),
            user: user.value?.username,
          })}
        />
      </div>
    </form>
  )
}

function RawField({
  text,
  error,
  change,
}: {
  text: string
  error: string | undefined
  change: (text: string) => void
}) {
  return (
    <div class="field">
      <label for="raw">Body</label>
      <textarea
        id="raw"
        class="mono"
        rows={14}
        spellcheck={false}
        value={text}
        aria-describedby="raw-about"
        aria-invalid={error !== undefined}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <div id="raw-about" class="api-about">
        {error !== undefined && <p class="field-error">{error}</p>}
      </div>
    </div>
  )
}
