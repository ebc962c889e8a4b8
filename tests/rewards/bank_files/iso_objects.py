"""Build camt.053 documents from the objects of pyiso20022, so that not only our own idea of the format is read."""

from __future__ import annotations

from decimal import Decimal

from pyiso20022.camt import camt_053_001_02 as v02
from pyiso20022.camt import camt_053_001_08 as v08
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

DAY = XmlDate(2026, 2, 12)
NOW = XmlDateTime(2026, 2, 12, 23, 0, 0)


def document(version: str, rows: list[tuple[str, str, str, str]], opening: str, closing: str) -> bytes:
    """Serialise a statement; a row is (voucher, amount, CRDT or DBIT, servicer's reference)."""
    built = _document_08(rows, opening, closing) if version == "08" else _document_02(rows, opening, closing)
    serializer = XmlSerializer(config=SerializerConfig(xml_declaration=True, encoding="UTF-8"))
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return serializer.render(built, ns_map={None: namespace}).encode()


def _document_08(rows, opening, closing):
    return v08.Document(
        bk_to_cstmr_stmt=v08.BankToCustomerStatementV08(
            grp_hdr=v08.GroupHeader81(msg_id="STM-1", cre_dt_tm=NOW),
            stmt=[
                v08.AccountStatement9(
                    id="S-2026-02-12",
                    elctrnc_seq_nb=Decimal(43),
                    cre_dt_tm=NOW,
                    acct=v08.CashAccount39(
                        id=v08.AccountIdentification4Choice(
                            othr=v08.GenericAccountIdentification1(id="001234567890")
                        ),
                        ccy="USD",
                    ),
                    bal=[_balance_08("OPBD", opening), _balance_08("CLBD", closing)],
                    ntry=[_entry_08(*row) for row in rows],
                )
            ],
        )
    )


def _balance_08(kind, amount):
    return v08.CashBalance8(
        tp=v08.BalanceType13(cd_or_prtry=v08.BalanceType10Choice(cd=kind)),
        amt=v08.ActiveOrHistoricCurrencyAndAmount(value=Decimal(amount), ccy="USD"),
        cdt_dbt_ind=v08.CreditDebitCode.CRDT,
        dt=v08.DateAndDateTime2Choice(dt=DAY),
    )


def _entry_08(voucher, amount, direction, reference):
    money = v08.ActiveOrHistoricCurrencyAndAmount(value=Decimal(amount), ccy="USD")
    sign = v08.CreditDebitCode(direction)
    return v08.ReportEntry10(
        amt=money,
        cdt_dbt_ind=sign,
        sts=v08.EntryStatus1Choice(cd="BOOK"),
        bookg_dt=v08.DateAndDateTime2Choice(dt=DAY),
        val_dt=v08.DateAndDateTime2Choice(dt=DAY),
        acct_svcr_ref=reference,
        bk_tx_cd=v08.BankTransactionCodeStructure4(
            domn=v08.BankTransactionCodeStructure5(
                cd="PMNT", fmly=v08.BankTransactionCodeStructure6(cd="ICDT", sub_fmly_cd="DMCT")
            )
        ),
        ntry_dtls=[
            v08.EntryDetails9(
                tx_dtls=[
                    v08.EntryTransaction10(
                        refs=v08.TransactionReferences6(end_to_end_id=voucher),
                        amt=money,
                        cdt_dbt_ind=sign,
                        rmt_inf=v08.RemittanceInformation16(ustrd=[voucher]),
                    )
                ]
            )
        ],
    )


def _document_02(rows, opening, closing):
    return v02.Document(
        bk_to_cstmr_stmt=v02.BankToCustomerStatementV02(
            grp_hdr=v02.GroupHeader42(msg_id="STM-1", cre_dt_tm=NOW),
            stmt=[
                v02.AccountStatement2(
                    id="S-2026-02-12",
                    elctrnc_seq_nb=Decimal(43),
                    cre_dt_tm=NOW,
                    acct=v02.CashAccount20(
                        id=v02.AccountIdentification4Choice(
                            othr=v02.GenericAccountIdentification1(id="001234567890")
                        ),
                        ccy="USD",
                    ),
                    bal=[_balance_02("OPBD", opening), _balance_02("CLBD", closing)],
                    ntry=[_entry_02(*row) for row in rows],
                )
            ],
        )
    )


def _balance_02(kind, amount):
    return v02.CashBalance3(
        tp=v02.BalanceType12(cd_or_prtry=v02.BalanceType5Choice(cd=v02.BalanceType12Code(kind))),
        amt=v02.ActiveOrHistoricCurrencyAndAmount(value=Decimal(amount), ccy="USD"),
        cdt_dbt_ind=v02.CreditDebitCode.CRDT,
        dt=v02.DateAndDateTimeChoice(dt=DAY),
    )


def _entry_02(voucher, amount, direction, reference):
    return v02.ReportEntry2(
        amt=v02.ActiveOrHistoricCurrencyAndAmount(value=Decimal(amount), ccy="USD"),
        cdt_dbt_ind=v02.CreditDebitCode(direction),
        sts=v02.EntryStatus2Code.BOOK,
        bookg_dt=v02.DateAndDateTimeChoice(dt=DAY),
        val_dt=v02.DateAndDateTimeChoice(dt=DAY),
        acct_svcr_ref=reference,
        bk_tx_cd=v02.BankTransactionCodeStructure4(
            domn=v02.BankTransactionCodeStructure5(
                cd="PMNT", fmly=v02.BankTransactionCodeStructure6(cd="ICDT", sub_fmly_cd="DMCT")
            )
        ),
        ntry_dtls=[
            v02.EntryDetails1(
                tx_dtls=[
                    v02.EntryTransaction2(
                        refs=v02.TransactionReferences2(end_to_end_id=voucher),
                        rmt_inf=v02.RemittanceInformation5(ustrd=[voucher]),
                    )
                ]
            )
        ],
    )
