// Filters of a list by where jobs ran: a choice of hosts and of branches, and what the address asks for besides.

import { useQuery } from '../address'
import type { LabelValue, Page } from '../api'
import { useResource } from '../resource'
import { CloseIcon } from './icons'
import { labelFilter } from './place'

/** The parameters of the address that filter by where jobs ran. Each may be repeated. */
export const scopeParameters = ['label', 'environment', 'component'] as const
type ScopeParameter = (typeof scopeParameters)[number]

/** The address without any of them. */
export const noScope: Record<ScopeParameter, undefined> = {
  label: undefined,
  environment: undefined,
  component: undefined,
}

/** The filters of the address, for the API's lists. */
export function scopeOf(values: (name: string) => string[]): [ScopeParameter, string][] {
  return scopeParameters.flatMap((name) =>
    values(name).map((value): [ScopeParameter, string] => [name, value]),
  )
}

/** More hosts than this are not offered, but the address may name any. */
const MAX_CHOICES = 1000

export function ScopeFilters() {
  return (
    <>
      <LabelChoice name="host" any="Any host" />
      <LabelChoice name="branch" any="Any branch" />
    </>
  )
}

/** A choice of one value. It is not there when no job has the label. */
function LabelChoice({ name, any }: { name: string; any: string }) {
  const { valuesOf, change } = useQuery()
  const values = useResource<Page<LabelValue>>(`/labels/${name}/?page_size=${MAX_CHOICES}`)
  const results = values.data?.results ?? []
  const isOfName = (label: string) => label.replace(/^!/, '').split(':', 1)[0] === name
  const chosen = valuesOf('label').filter(isOfName)
  const offered = results.map(({ value }) => ({ value, filter: labelFilter(name, value) }))
  const current = chosen.length === 1 ? offered.find(({ filter }) => filter === chosen[0]) : undefined
  if (results.length === 0) return null
  return (
    <select
      aria-label={name === 'host' ? 'Host' : 'Branch'}
      value={current?.filter ?? (chosen.length > 0 ? 'own' : '')}
      onChange={({ currentTarget: { value } }) => {
        if (value === 'own') return
        const others = valuesOf('label').filter((label) => !isOfName(label))
        change({ label: value === '' ? others : [...others, value], page: undefined })
      }}
    >
      <option value="">{any}</option>
      {offered.map(({ value, filter }) => (
        <option key={value} value={filter}>
          {value}
        </option>
      ))}
      {chosen.length > 0 && !current && <option value="own">{chosen.join(' ')}</option>}
    </select>
  )
}

/** What the list is filtered by, each with a link to the list without it. */
export function ChosenScope() {
  const { valuesOf, hrefWith } = useQuery()
  const chosen = scopeOf(valuesOf)
  if (chosen.length === 0) return null
  return (
    <ul class="chosen" aria-label="Filters">
      {chosen.map(([name, value]) => {
        const text = wordsOf(name, value)
        return (
          <li key={`${name} ${value}`}>
            {text}
            <a
              href={hrefWith({ [name]: valuesOf(name).filter((other) => other !== value), page: undefined })}
              aria-label={`Without the filter ${text}`}
              title="Without this filter"
            >
              <CloseIcon />
            </a>
          </li>
        )
      })}
    </ul>
  )
}

/** `host: rack7, rack8`, `not branch: main`, `component qemu-kvm >= 9.2` */
function wordsOf(name: ScopeParameter, value: string): string {
  const isNegated = value.startsWith('!')
  const rest = isNegated ? value.slice(1) : value
  const not = isNegated ? 'not ' : ''
  if (name === 'component') return `${not}component ${rest.replace(/>=|<=|[<>=]/, ' $& ')}`
  if (name === 'environment') return `${not}environment ${rest}`
  const colon = rest.indexOf(':')
  if (colon < 0) return `${isNegated ? 'without' : 'with'} ${rest}`
  const values = rest.slice(colon + 1).replace(/\\[\\,]|,/g, (part) => (part === ',' ? ', ' : part.slice(1)))
  return `${not}${rest.slice(0, colon)}: ${values}`
}
