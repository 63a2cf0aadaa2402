/* Binds one button of the page to the security key, as allauth's script offers it. */
(function () {
  'use strict'
  const { act, button, field } = document.currentScript.dataset
  const role = act === 'addForm' ? 'add' : 'authenticate'
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    document.getElementById('key-problem').hidden = false
  })
  window.allauth.webauthn.forms[act]({ ids: { [role]: button, credential: field, data: 'key-data' } })
})()
