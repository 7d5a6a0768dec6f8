// The form of a known issue: which failures it is about, and what is known.

import { useLayoutEffect, useRef } from 'preact/hooks'
import { type KnownIssue, send } from '../api'
import { Choice, Field, TextField } from '../parts/field'
import { Form, type Values } from '../parts/form'

/** What a new one begins with. */
export interface Suggestion {
  template?: string | null
  /** `name;variant`: offered as the only test that it is about. */
  testcase?: string
}

interface Props {
  /** undefined: a new one. */
  issue?: KnownIssue
  suggestion?: Suggestion
  onDone: (issue: KnownIssue) => void
  cancel: () => void
}

const culprits = [
  { value: '', label: 'Not known' },
  { value: 'code', label: 'What is tested' },
  { value: 'tool', label: 'A tool of the test' },
  { value: 'harness', label: 'What runs the tests' },
]

export function KnownIssueForm({ issue, suggestion = {}, onDone, cancel }: Props) {
  const place = useRef<HTMLDivElement>(null)
  // A layout effect: what is typed next belongs into the field.
  useLayoutEffect(() => place.current?.querySelector('input')?.focus(), [])
  const of = (name: 'template' | 'pattern' | 'testcase' | 'variant' | 'host' | 'component') =>
    issue?.[name] ?? ''
  const submit = async (values: Values) => {
    const body = bodyOf(values)
    onDone(
      issue
        ? await send<KnownIssue>('PATCH', `/known-issues/${issue.id}/`, body)
        : await send<KnownIssue>('POST', '/known-issues/', body),
    )
  }
  const culprit = culprits.find(({ value }) => value !== '' && issue?.culprit[value as 'code'])?.value ?? ''
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves the form, whatever in it has the focus
    <div
      ref={place}
      class="known-issue-form"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        cancel()
      }}
    >
      <Form action={issue ? 'Save' : 'Add the known issue'} send={submit} cancel={cancel} keepsValues>
        <Field
          name="report_url"
          label="Link to the report"
          autocomplete="off"
          defaultValue={issue?.report_url ?? ''}
        />
        <Field
          name="report_subject"
          label="What it is about, in a line"
          autocomplete="off"
          defaultValue={issue?.report_subject ?? ''}
        />
        <TextField
          name="template"
          label="Fail reason"
          hint="Numbers, paths and the like may differ. Or leave it empty and give a pattern."
          rows={2}
          defaultValue={issue ? of('template') : (suggestion.template ?? '')}
        />
        <Field
          name="pattern"
          label="Pattern"
          hint="A regular expression on the fail reason, in the syntax of RE2."
          autocomplete="off"
          defaultValue={of('pattern')}
        />
        <Field
          name="testcase"
          label="Only these tests"
          hint="A name, or name;variant. * stands for anything. Empty: all tests."
          autocomplete="off"
          defaultValue={issue ? of('testcase') : (suggestion.testcase ?? '')}
        />
        <details open={['variant', 'host', 'component'].some((name) => of(name as 'host') !== '')}>
          <summary>More conditions</summary>
          <div class="known-issue-more">
            <Field
              name="variant"
              label="Words of the variant"
              autocomplete="off"
              defaultValue={of('variant')}
            />
            <Field name="host" label="Host" autocomplete="off" defaultValue={of('host')} />
            <Field
              name="component"
              label="Component"
              hint="As in qemu-kvm>=9.2"
              autocomplete="off"
              defaultValue={of('component')}
            />
            <Field
              name="expires"
              label="Expires"
              hint="Failures from then on are not matched: 2027-01-31T00:00Z. Empty: never."
              autocomplete="off"
              defaultValue={issue?.expires ?? ''}
            />
            <Choice name="culprit" label="Where the fault lies" options={culprits} initial={culprit} />
          </div>
        </details>
        <TextField name="comment" label="Comment" rows={2} defaultValue={issue?.comment ?? ''} />
      </Form>
    </div>
  )
}

function bodyOf({ culprit = '', ...texts }: Values) {
  const of = (name: string) => culprit === name
  return { ...texts, culprit: { code: of('code'), tool: of('tool'), harness: of('harness') } }
}
