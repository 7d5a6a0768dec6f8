// A choice that writes its value into the address.

import { useQuery } from '../address'

interface Props {
  /** The parameter of the address. */
  parameter: string
  label: string
  /** Values with their labels. The value '' is for an address without the parameter. */
  options: (readonly [value: string, label: string])[]
}

export function ParameterChoice({ parameter, label, options }: Props) {
  const { query, change } = useQuery()
  return (
    <select
      aria-label={label}
      value={query[parameter] ?? ''}
      onChange={(event) => change({ [parameter]: event.currentTarget.value, page: undefined })}
    >
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  )
}
