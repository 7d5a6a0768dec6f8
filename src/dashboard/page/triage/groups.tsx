// The groups of causes: what is new first, each group a panel of lines.

import { useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { Cause, Claim, TriageAnswer } from '../api'
import { formatCount } from '../format'
import { useKeys } from '../keys'
import { claim, release } from '../notes/about'
import { Pager, pageOf } from '../parts/pager'
import { canDecide } from '../session'
import type { FormKind } from './cause-actions'
import { CauseLine } from './cause-line'
import { Nights } from './nights'
import { groupNames, groups } from './words'

export const PAGE_SIZE = 20

interface Props {
  answer: TriageAnswer
  path: string
  /** The reader has changed something: what comes next is shown at once. */
  onDone: () => void
}

export function Groups({ answer, path, onDone }: Props) {
  const { query, change, hrefWith } = useQuery()
  const list = useRef<HTMLDivElement>(null)
  const open = new Set(query.open?.split(',').filter(Boolean))
  const toggle = ({ id }: Pick<Cause, 'id'>) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    change({ open: [...next].join(',') }, { replace: true })
  }
  const [form, setForm] = useState<{ cause: string; kind: FormKind }>()
  /** The last claim by a key, which `u` takes back. */
  const [claimed, setClaimed] = useState<Claim>()
  const { route } = useLocation()
  const act = (key: 'c' | 'm' | 'i' | 'l', cause: Cause) => {
    const { about, sample } = cause
    if (key === 'l') {
      if (sample) route(paths.test(sample.job, sample.test))
      return
    }
    if (!canDecide.value || !about) return
    if (key === 'c') {
      claim(about)
        .then((made) => {
          setClaimed(made)
          onDone()
        })
        .catch(() => {})
      return
    }
    if (!open.has(cause.id)) toggle(cause)
    setForm({ cause: cause.id, kind: key === 'm' ? 'comment' : 'known issue' })
  }
  useKeys((key, event) => {
    const toggles = [...(list.current?.querySelectorAll<HTMLButtonElement>('.cause-toggle') ?? [])]
    const focused = document.activeElement?.closest('.cause')
    const at = toggles.findIndex((button) => button.closest('.cause') === focused)
    if (key === 'j' || key === 'k') {
      const next = toggles[key === 'j' ? Math.min(at + 1, toggles.length - 1) : Math.max(at - 1, 0)]
      next?.focus()
      next?.closest('.cause')?.scrollIntoView({ block: 'nearest' })
    } else if (key === 'o') {
      const button = toggles[at] ?? toggles.find(({ ariaExpanded }) => ariaExpanded === 'true') ?? toggles[0]
      button?.focus()
      button?.click()
    } else if (key === 'c' || key === 'm' || key === 'i' || key === 'l') {
      const button = toggles[at] ?? toggles.find(({ ariaExpanded }) => ariaExpanded === 'true')
      const line = button?.closest<HTMLElement>('.cause')
      const cause = causesOf(answer).find(({ id }) => id === line?.dataset.cause)
      if (!cause) return
      act(key, cause)
    } else if (key === 'u' && claimed) {
      setClaimed(undefined)
      release(claimed).then(onDone, () => {})
    } else return
    event.preventDefault()
  })
  return (
    <div class="stack causes-groups" ref={list}>
      <Nights answer={answer} open={open} toggle={toggle} onDone={onDone} />
      {groupNames.map((name) => {
        const group = answer[name]
        if (!group || group.count === 0) return null
        const { title, note } = groups[name]
        const isAlone = query.group === name
        return (
          <section key={name} class="panel" aria-labelledby={`group-${name}`}>
            <div class="panel-head">
              <h2 id={`group-${name}`}>
                {title} <span class="tab-count">{formatCount(group.count)}</span>
              </h2>
              {name === 'new' ? <KeyHints /> : <span class="muted small">{note}</span>}
            </div>
            <ol class={name === 'new' ? 'causes' : 'causes quiet'}>
              {group.results.map((cause) => (
                <CauseLine
                  key={cause.id}
                  cause={cause}
                  isOpen={open.has(cause.id)}
                  toggle={() => toggle(cause)}
                  path={path}
                  form={form?.cause === cause.id ? form.kind : undefined}
                  setForm={(kind) => setForm(kind && { cause: cause.id, kind })}
                  onDone={onDone}
                />
              ))}
            </ol>
            {isAlone ? (
              <div class="panel-foot">
                <Pager
                  page={pageOf(query)}
                  pageSize={PAGE_SIZE}
                  count={group.count}
                  href={(page) => hrefWith({ page: page > 1 ? page : undefined, open: undefined })}
                />
              </div>
            ) : (
              group.count > group.results.length && (
                <div class="panel-foot">
                  <a href={hrefWith({ group: name, page: undefined, open: undefined })}>
                    All {formatCount(group.count)} causes
                  </a>
                </div>
              )
            )}
          </section>
        )
      })}
    </div>
  )
}

function causesOf(answer: TriageAnswer): Cause[] {
  return groupNames.flatMap((name) => answer[name]?.results ?? [])
}

function KeyHints() {
  return (
    <span class="muted small keys">
      <kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>o</kbd> open{' '}
      {canDecide.value && (
        <>
          <kbd>c</kbd> claim <kbd>m</kbd> comment <kbd>i</kbd> known issue{' '}
        </>
      )}
      <kbd>?</kbd> all keys
    </span>
  )
}
