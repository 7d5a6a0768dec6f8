// One field of a form: its name, its limits, its content and its error.

import type { Entry, Field } from './fields'
import { Prose } from './prose'

interface Props {
  field: Field
  entry: Entry
  error: string | undefined
  change: (entry: Entry) => void
}

export function FormField({ field, entry, error, change }: Props) {
  const { name, kind, required, nullable, description, maxLength, minimum } = field
  const id = `field-${name}`
  const limits = [
    description,
    maxLength !== undefined && lengthLimit(entry.text, maxLength),
    minimum !== undefined && `At least ${minimum}`,
    kind === 'json' && 'JSON',
  ].filter(Boolean)
  return (
    <div class="field">
      <div class="api-label">
        <label for={id}>
          <code>{name}</code>
          {required && <span class="api-required">required</span>}
        </label>
        {nullable && (
          <label class="api-null">
            <input
              type="checkbox"
              checked={entry.isNull}
              onChange={(event) => change({ text: '', isNull: event.currentTarget.checked })}
            />
            null
          </label>
        )}
        {kind === 'time' && (
          <button
            type="button"
            class="api-now"
            onClick={() => change({ text: new Date().toISOString(), isNull: false })}
          >
            Now
          </button>
        )}
      </div>
      <Control
        id={id}
        field={field}
        entry={entry}
        describedBy={`${id}-about`}
        hasError={error !== undefined}
        change={(text) => change({ text, isNull: false })}
      />
      <div id={`${id}-about`} class="api-about">
        {error !== undefined && <p class="field-error">{error}</p>}
        {limits.length > 0 && (
          <small class="muted">
            <Prose text={limits.join('. ')} />
          </small>
        )}
      </div>
    </div>
  )
}

/** Shows the limit. The field has no maxlength, which would silently cut off pasted text. */
function lengthLimit(text: string, maxLength: number): string {
  const length = [...text].length
  return `At most ${maxLength} characters${length > maxLength ? `, now ${length}` : ''}`
}

interface ControlProps {
  id: string
  field: Field
  entry: Entry
  describedBy: string
  hasError: boolean
  change: (text: string) => void
}

function Control({ id, field, entry, describedBy, hasError, change }: ControlProps) {
  const { kind, choices, required, maxLength } = field
  const common = {
    id,
    value: entry.text,
    'aria-describedby': describedBy,
    'aria-invalid': hasError,
    'aria-required': required,
  }
  if (kind === 'choice' || kind === 'boolean') {
    return (
      <select {...common} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">–</option>
        {(kind === 'boolean' ? ['true', 'false'] : choices).map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  // Text without a limit may have several lines.
  if (kind === 'json' || (kind === 'text' && maxLength === undefined)) {
    return (
      <textarea
        {...common}
        rows={kind === 'json' ? 6 : 2}
        spellcheck={false}
        class={kind === 'json' ? 'mono' : undefined}
        onInput={(event) => change(event.currentTarget.value)}
      />
    )
  }
  const onInput = (event: { currentTarget: HTMLInputElement }) => change(event.currentTarget.value)
  if (kind === 'password') {
    return <input {...common} type="password" autocomplete="new-password" onInput={onInput} />
  }
  return (
    <input
      {...common}
      inputMode={kind === 'number' ? 'decimal' : kind === 'integer' ? 'numeric' : 'text'}
      placeholder={entry.isNull ? 'null' : kind === 'time' ? '2026-11-24T15:00:00Z' : undefined}
      autocomplete="off"
      onInput={onInput}
    />
  )
}
