// The field that searches tests, fail reasons and jobs. On the page of the search the results follow what is typed; from
// other pages Enter leads there.

import { useLocation } from 'preact-iso'
import { paths, withQuery } from '../address'
import { useDebouncedText } from '../parts/debounced-text'
import { SearchInput } from '../parts/search-input'

export function SearchEverything({ class: name }: { class: string }) {
  const { path, query, route } = useLocation()
  const isThere = path === paths.search
  const { text, setText, flush } = useDebouncedText(isThere ? (query.q ?? '') : '', (value) => {
    // On another page the text waits for Enter.
    if (location.pathname !== paths.search) return
    const { pathname, search } = location
    route(
      withQuery(pathname + search, { q: value, page: undefined, cursor: undefined, template: undefined }),
      true,
    )
  })
  const submit = (event: Event) => {
    event.preventDefault()
    if (isThere) flush()
    else if (text.trim() !== '') route(withQuery(paths.search, { q: text.trim() }))
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is unknown to browsers of 2022
    <form class={name} role="search" onSubmit={submit}>
      <SearchInput
        text={text}
        setText={setText}
        placeholder="Test, reason or job"
        label="Search tests, reasons and jobs"
      />
    </form>
  )
}
