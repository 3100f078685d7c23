//! The columns of the ledger as a sheet: those of the usual 信访台账 and those that the law adds. What goes out by them
//! comes in by them again (`brought`).

use crate::words::words;

words! {
    /// A column.
    Column {
        /// 攸信〔2026〕0001号.
        Number = "number", "编号";
        /// The number of the national system.
        StateNumber = "state_number", "国家编号";
        /// The five forms of art. 17.
        Channel = "channel", "信访方式";
        /// To the minute.
        Received = "received", "收到时间";
        /// The first representative, or 匿名.
        Lead = "lead", "信访人";
        /// Of the first representative.
        Phone = "phone", "电话";
        /// Of the first representative.
        Address = "address", "住址";
        /// The other representatives.
        Others = "others", "其他代表";
        /// How many stand behind it.
        People = "people", "人数";
        /// Where it happened.
        Township = "township", "乡镇";
        /// Village and group.
        Place = "place", "地点";
        /// The place as a code.
        Division = "division", "区划代码";
        /// House, road, field.
        Detail = "detail", "具体位置";
        /// In a few words.
        Title = "title", "事项";
        /// As told.
        Content = "content", "内容";
        /// What it is about.
        Theme = "theme", "主题";
        /// The three categories.
        Category = "category", "类别";
        /// Branch of art. 31.
        Branch = "branch", "情形";
        /// Units to be kept from it.
        Against = "against", "回避单位";
        /// Responsible now.
        Unit = "unit", "责任单位";
        /// How far it has come.
        State = "state", "状态";
        /// Of the clock that ends first.
        Due = "due", "期限";
        /// Of the leader's binding.
        Bound = "bound", "包案期限";
        /// Given to the unit.
        Dispatched = "dispatched", "交办日期";
        /// 受理.
        Accepted = "accepted", "受理日期";
        /// The notice of acceptance arrived.
        Notified = "notified", "告知日期";
        /// The written opinion was issued.
        Answered = "answered", "答复日期";
        /// One of the three outcomes of art. 32.
        Outcome = "outcome", "答复结果";
        /// The written opinion arrived.
        Served = "served", "答复送达日期";
        /// How the papers arrived.
        Manner = "manner", "送达方式";
        /// 办结.
        Closed = "closed", "办结日期";
        /// What it came to.
        Resolution = "resolution", "办结结果";
        /// The organ to which it went.
        Organ = "organ", "转送机关";
        /// When it went there.
        Forwarded = "forwarded", "转送日期";
    }
}

/// What stands in the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text,
    /// A day.
    Day,
    /// A day and a time.
    Minute,
    /// A number of people.
    Count,
}

impl Column {
    /// What stands in it.
    pub fn cell(self) -> Cell {
        match self {
            Self::Received => Cell::Minute,
            Self::People => Cell::Count,
            Self::Due
            | Self::Bound
            | Self::Dispatched
            | Self::Accepted
            | Self::Notified
            | Self::Answered
            | Self::Served
            | Self::Closed
            | Self::Forwarded => Cell::Day,
            _ => Cell::Text,
        }
    }

    /// Its width in characters of a sheet; a Chinese one takes two.
    pub fn width(self) -> u16 {
        match self {
            Self::Content => 60,
            Self::Title => 42,
            Self::Number | Self::StateNumber | Self::Unit | Self::Address | Self::Organ => 22,
            Self::Received | Self::Place | Self::Division | Self::Detail | Self::Others | Self::Against => 17,
            Self::People | Self::Branch => 7,
            Self::Phone => 14,
            _ => 12,
        }
    }

    /// How a page sets it.
    pub fn class(self) -> &'static str {
        match self.cell() {
            Cell::Count => "num",
            Cell::Day | Cell::Minute => "due",
            Cell::Text if self.width() > 20 => "wrap",
            Cell::Text => "",
        }
    }

    /// Whether it is read when a sheet comes in. The others follow from the rest.
    pub fn comes_in(self) -> bool {
        !matches!(self, Self::State | Self::Due | Self::Bound)
    }

    /// Whether it goes out where nobody chose.
    pub fn is_usual(self) -> bool {
        matches!(
            self,
            Self::Number
                | Self::Received
                | Self::Title
                | Self::Category
                | Self::Theme
                | Self::Lead
                | Self::People
                | Self::Township
                | Self::Place
                | Self::Unit
                | Self::State
                | Self::Due
                | Self::Bound
        )
    }
}

/// The columns that somebody chose, in the order of the sheet: `all`, their words with commas between, or the usual
/// ones where none of the words is a column.
pub(super) fn chosen(words: &str) -> Vec<Column> {
    let named = |column: &Column| words.split(',').any(|word| word == column.word() || word == "all");
    let chosen: Vec<Column> = Column::ALL.iter().copied().filter(named).collect();
    if chosen.is_empty() { Column::ALL.iter().copied().filter(|column| column.is_usual()).collect() } else { chosen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_columns_keep_the_order_of_the_sheet_and_nobody_gets_none() {
        assert_eq!(chosen("title,number,nonsense"), [Column::Number, Column::Title]);
        assert_eq!(chosen("nonsense").len(), 13);
        assert_eq!(chosen("all").len(), Column::ALL.len());
    }
}
