"""Who is at this desk, and what to do about it: another role at practice, or leaving."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QMenu, QWidget

from console.i18n import tr
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.theme import QWIDGETSIZE_MAX, font, px, theme

PRACTICE_ROLES = (
    "duty_officer",
    "supervisor",
    "trainer",
    "grid_worker",
    "data_keeper",
    "administrator",
)

FOLDED = 130


class WhoButton(Button):
    """The person and the desk; a menu under it.

    Folded, it cuts long words with …, and its tool tip has all of them.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("plain", parent=parent)
        self._desk = desk
        self.menu = QMenu(self)
        self.folded = False
        self._words = ""
        self._more = ""
        on_click(self, self._open_menu)
        if desk.account is not None:
            desk.account.changed.connect(self.retranslate)
        theme().changed.connect(self._restyle)
        self._restyle()

    def retranslate(self) -> None:
        """Say anew who is here."""
        account = self._desk.account
        seat = tr("topbar.who", desk=self._desk.name)
        me = account.me if account is not None else None
        if account is None:
            self._say(seat)
        elif me is None and account.is_practice:
            self._say(tr("topbar.coming", seat=seat), tr("topbar.practice_tip"))
        elif me is None:
            self._say(tr("topbar.nobody", seat=seat), tr("topbar.nobody_tip"))
        elif account.is_practice:
            role = tr(f"access.role.{me.role}")
            self._say(tr("topbar.practice", role=role, seat=seat), tr("topbar.practice_tip"))
        else:
            role = tr(f"access.role.{me.role}")
            self._say(tr("topbar.person", name=me.full_name, seat=seat), role)
        self._fill_menu()

    def spared_px(self) -> int:
        """How much less room it takes when it is folded."""
        return max(0, self._words_px(self._words) - px(FOLDED))

    def fold(self, folded: bool) -> None:
        """Cut the words, or say all of them."""
        if folded != self.folded:
            self.folded = folded
            self._say(self._words, self._more)

    def _say(self, words: str, more: str = "") -> None:
        self._words, self._more = words, more
        cut = QFontMetrics(font("caption")).elidedText(
            words, Qt.TextElideMode.ElideRight, px(FOLDED) if self.folded else QWIDGETSIZE_MAX
        )
        self.set_words(cut, more if cut == words else "\n".join(filter(None, (words, more))))

    def _words_px(self, words: str) -> int:
        return QFontMetrics(font("caption")).horizontalAdvance(words)

    def _fill_menu(self) -> None:
        self.menu.clear()
        account = self._desk.account
        if account is None:
            return
        if account.is_practice:
            for role in PRACTICE_ROLES:
                action = self.menu.addAction(
                    tr("topbar.practise_as", role=tr(f"access.role.{role}"))
                )
                action.setCheckable(True)
                action.setChecked(account.me is not None and account.me.role == role)
                action.triggered.connect(partial(self._practise, role))
        if self._desk.may_call("enrol"):
            self.menu.addSeparator()
            self.menu.addAction(tr("topbar.enrol")).triggered.connect(
                lambda _checked=False: self._desk.enrol_wanted.emit()
            )
        if account.me is not None and not account.is_practice:
            self.menu.addAction(tr("topbar.sign_out")).triggered.connect(
                lambda _checked=False: account.signin.sign_out()
            )

    def _practise(self, role: str, _checked: bool = False) -> None:
        if self._desk.account is not None:
            self._desk.account.signin.practise(role)

    def _open_menu(self) -> None:
        if not self.menu.isEmpty():
            self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _restyle(self) -> None:
        self.menu.setFont(font("caption"))
        self._say(self._words, self._more)
