// The first page of a server without jobs: explains how to push the first one.

import type { ComponentChildren } from 'preact'
import { paths } from '../address'
import { canWrite, session } from '../session'
import { Command } from './copy'

export function FirstSteps() {
  const { protocol, host, origin } = location
  const name = session.value?.user?.username ?? 'admin'
  const credentials = session.value?.open ? '' : `${name}:PASSWORD@`
  const withCredentials = `${protocol}//${credentials}${host}`
  const basic = session.value?.open ? '' : `-u ${name}:PASSWORD `
  const job = `'{"description": "My first job", "tests": [{"tag": "1-passtest.py:PassTest.test", "status": "PASS"}, {"tag": "2-failtest.py:FailTest.test", "status": "FAIL"}]}'`
  return (
    <>
      <div class="view-head">
        <h1>Push the first job</h1>
      </div>
      <p>
        There is no job yet. Each of these pushes one to this server; it appears here at once.
        {!session.value?.open && ' Put your password, or a token, in the place of PASSWORD.'}
      </p>
      {!canWrite.value && (
        <p>
          Who has no user yet asks the administrator of this server, or is one and runs{' '}
          <code>avocado-server createsuperuser</code> on its machine.
        </p>
      )}
      <Example title="With curl, to see how it looks">
        <Command text={`curl ${basic}-H 'Content-Type: application/json' -d ${job} ${origin}/jobs/`} />
      </Example>
      <Example title="With Avocado, at the end of each job">
        <Command
          text={`avocado run --result-upload-cmd 'avocado-server upload' --result-upload-url ${withCredentials} passtest.py`}
        />
      </Example>
      <Example title="With Avocado's resultsdb plugin, while the job runs">
        <Command text={`avocado run --resultsdb-api ${withCredentials}/api/v2.0 passtest.py`} />
      </Example>
      <Example title="A job that ran already, with its logs">
        <Command text={`avocado-server upload ~/avocado/job-results/latest ${withCredentials}`} />
        <p class="muted">
          Machines that the program is not built for do the same with tar and curl:{' '}
          <code>
            curl -s {origin}/upload.sh | sh -s ~/avocado/job-results/latest {withCredentials}
          </code>
        </p>
      </Example>
      <p class="muted">
        All else that this server takes and tells is in its <a href="/swagger">documentation</a>; the{' '}
        <a href={paths.api('/')}>API</a> can be tried here.
      </p>
    </>
  )
}

function Example({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="panel panel-body stack">
      <h2>{title}</h2>
      {children}
    </section>
  )
}
