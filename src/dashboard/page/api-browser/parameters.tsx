// A form for the query parameters of an address.

import { withQuery } from '../address'
import type { Parameter } from './openapi'
import { Prose } from './prose'

interface Props {
  parameters: Parameter[]
  /** The address of the API. */
  address: string
  go: (address: string) => void
}

export function Parameters({ parameters, address, go }: Props) {
  const query = new URLSearchParams(address.split('?')[1] ?? '')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    go(
      withQuery(
        address,
        Object.fromEntries(parameters.map(({ name }) => [name, String(data.get(name) ?? '')])),
      ),
    )
  }
  return (
    <details class="panel">
      <summary>Parameters</summary>
      {/* The key resets the fields for another address. */}
      <form key={address} class="panel-body api-parameters" onSubmit={submit}>
        {parameters.map(({ name, description, schema }) => (
          <div key={name} class="field">
            <label for={`parameter-${name}`}>
              <code>{name}</code>
            </label>
            {schema?.enum ? (
              <select id={`parameter-${name}`} name={name} value={query.get(name) ?? ''}>
                <option value="">–</option>
                {schema.enum.map((choice) => (
                  <option key={String(choice)} value={String(choice)}>
                    {String(choice)}
                  </option>
                ))}
              </select>
            ) : (
              <input id={`parameter-${name}`} name={name} value={query.get(name) ?? ''} autocomplete="off" />
            )}
            {description && (
              <small class="muted">
                <Prose text={description} />
              </small>
            )}
          </div>
        ))}
        <div>
          <button type="submit">Apply</button>
        </div>
      </form>
    </details>
  )
}
