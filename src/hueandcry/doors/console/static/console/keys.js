/* Binds one button of the page to the security key, as allauth's script offers it. Until then the button is off:
   who presses it before the scripts are here would press it for nothing. */
(function () {
  'use strict'
  const { act, button, field } = document.currentScript.dataset
  const role = act === 'addForm' ? 'add' : 'authenticate'
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    document.getElementById('key-problem').hidden = false
  })
  window.allauth.webauthn.forms[act]({ ids: { [role]: button, credential: field, data: 'key-data' } })
  document.getElementById(button).disabled = false
})()
